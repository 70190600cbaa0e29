import { FunctionResultError, Session, UnserializableError } from '@jobloom/codec';
import { delayed, Parallel, parallelConfig } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const makeAdder = (n: number) => {
  const amounts = { n };
  return (x: number) => x + amounts.n;
};

const makeCounter = () => {
  let count = 0;
  return {
    next: () => ++count,
    get count() {
      return count;
    },
  };
};

const makeClass = () => {
  class Local {
    readonly n: number;
    constructor(n: number) {
      this.n = n;
    }
    double(): number {
      return this.n * 2;
    }
  }
  return [Local, new Local(21)] as const;
};

describe.each(['threads', 'processes'] as const)('results that are functions, on %s', (backend) => {
  test('are refused, with index, trail and option', async () => {
    const runner = new Parallel({ nJobs: 1, backend });
    const run = runner.run([delayed(() => 1)(), delayed(() => ({ list: [() => 1] }))()]);
    const error = (await run.catch((thrown: unknown) => thrown)) as UnserializableError;
    expect(error).toBeInstanceOf(UnserializableError);
    expect(error.message).toBe(
      'task 1 -> result -> .list -> [0]: function anonymous was made in the task; only functions and classes that the ' +
        'caller sent can come back. Return data, or set allowFunctionResults: true where the workers are trusted',
    );
  });

  test('bound functions and proxies are refused in the same way', async () => {
    const runner = new Parallel({ nJobs: 1, backend });
    const bound = await runner.run([delayed(() => ({ f: Math.max.bind(null, 3) }))()]).catch((thrown: Error) => thrown);
    expect((bound as Error).message).toMatch(
      /^task 0 -> result -> \.f: function bound max was made in the task.* set allowFunctionResults/,
    );
    const proxy = await runner.run([delayed(() => [new Proxy({}, {})])()]).catch((thrown: Error) => thrown);
    expect((proxy as Error).message).toMatch(
      /^task 0 -> result -> \[0\]: a Proxy was made in the task.* set allowFunctionResults/,
    );
  });

  test('come with allowFunctionResults: closures, classes and their instances', async () => {
    const runner = new Parallel({ nJobs: 1, backend, allowFunctionResults: true });
    const [add, counter, local] = await runner.run([
      delayed(makeAdder)(5),
      delayed(makeCounter)(),
      delayed(makeClass)(),
    ]);
    expect(add(2)).toBe(7);
    expect([counter.next(), counter.next(), counter.count]).toEqual([1, 2, 2]);
    const [Local, instance] = local;
    expect([instance instanceof Local, instance.double(), new Local(2).double()]).toEqual([true, 42, 4]);
  });

  test('the scope can allow them', async () => {
    const [add] = await parallelConfig({ backend, nJobs: 1, allowFunctionResults: true }, () =>
      new Parallel().run([delayed(makeAdder)(1)]),
    );
    expect(add(1)).toBe(2);
  });

  test('functions that were sent come back as they are, either way', async () => {
    const helper = (x: number) => x;
    class Mine {}
    for (const allowFunctionResults of [false, true]) {
      const runner = new Parallel({ nJobs: 1, backend, allowFunctionResults });
      const [[back, made]] = await runner.run([delayed(() => [helper, new Mine()] as const)()]);
      expect(back).toBe(helper);
      expect(made).toBeInstanceOf(Mine);
    }
  });

  test('failures may hold them too', async () => {
    const runner = new Parallel({ nJobs: 1, backend, allowFunctionResults: true });
    const fail = () => {
      throw Object.assign(new TypeError('with a way out'), { retry: () => 'again' });
    };
    const error = (await runner.run([delayed(fail)()]).catch((thrown: unknown) => thrown)) as Error & {
      retry(): string;
    };
    expect([error.message, error.retry()]).toEqual(['with a way out', 'again']);
  });
});

test('an answer that holds one all the same is refused here', () => {
  const caller = new Session({ role: 'caller' });
  const hostile = new Session().encode({ f: () => 1 });
  expect(() => caller.decode(hostile)).toThrow(FunctionResultError);
  expect(() => caller.decode(hostile)).toThrow(/set allowFunctionResults: true where the workers are trusted/);
});

test('the option is checked', () => {
  expect(() => new Parallel({ allowFunctionResults: 1 as never })).toThrow(
    'The allowFunctionResults option of Parallel must be true or false. Got the number 1.',
  );
});
