import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { addCode, Session } from '@jobloom/codec';
import { delayed, Parallel, parallel } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

/** A closure that makes the codec look at scripts: of a text of its own, so that it is a script of its own. */
function freshScript(n: number): (x: number) => number {
  return new Function('captured', `return (x) => x + captured // ${n} ${Math.random()}`)(n) as (x: number) => number;
}

function decoded(session: Session, fn: unknown): unknown {
  const frame = session.encode(fn, ['task']);
  for (const hash of frame.codes) addCode(hash, session.code(hash));
  return new Session({ functions: true }).decode(frame);
}

describe('captures at once', () => {
  test('many calls in one thread, each with closures of its own', async () => {
    const calls = Array.from({ length: 40 }, (_, call) => {
      let sum = call;
      const add = (n: number): number => {
        sum += n;
        return sum;
      };
      const tasks = [1, 2, 3].map((n) => delayed((x: number) => [call, add(n), add(x)])(10));
      return parallel(tasks, { backend: call % 2 === 0 ? 'threads' : 'processes', nJobs: 2 });
    });
    const results = await Promise.all(calls);
    expect(results).toEqual(
      Array.from({ length: 40 }, (_, call) => [1, 2, 3].map((n) => [call, call + n, call + n + 10])),
    );
  });

  test('several threads capture at the same time', async () => {
    const program = `
      import { parentPort, workerData } from 'node:worker_threads';
      import { Session, addCode } from '@jobloom/codec';
      const results = [];
      for (let i = 0; i < 50; i += 1) {
        const weight = workerData * 100 + i;
        const helper = (x) => x * weight;
        const out = new Session();
        const frame = out.encode((x) => helper(x) + i, ['task']);
        for (const hash of frame.codes) addCode(hash, out.code(hash));
        results.push(new Session({ functions: true }).decode(frame)(2));
      }
      parentPort.postMessage(results);
    `;
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(program.replaceAll('@jobloom/codec', import.meta.resolve('@jobloom/codec')))}`,
    );
    const threads = [1, 2, 3, 4].map(
      (workerData) =>
        new Promise((resolve, reject) => {
          const worker = new Worker(url, { workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    );
    expect(await Promise.all(threads)).toEqual(
      [1, 2, 3, 4].map((thread) => Array.from({ length: 50 }, (_, i) => 2 * (thread * 100 + i) + i)),
    );
  });

  test('an error in the middle of one capture leaves the next ones whole', () => {
    const session = new Session();
    const bad = { conn: Promise.resolve(1) };
    expect(() => session.encode(() => bad, ['task'])).toThrow('task -> bad -> .conn: a Promise cannot be sent');
    expect((decoded(session, freshScript(3)) as (x: number) => number)(4)).toBe(7);
  });
});

describe('V8’s debugger, which slows down every await, is off', () => {
  /** A program that notes what the codec asks of the inspector. */
  const program = (body: string): string => `
    import { Session as Own } from 'node:inspector';
    import { promisify } from 'node:util';
    const posts = [];
    const post = Own.prototype.post;
    Own.prototype.post = function (method, ...rest) {
      if (/^Debugger\\.(en|dis)able$/.test(method)) posts.push(method);
      return post.call(this, method, ...rest);
    };
    const { Session, addCode } = await import('@jobloom/codec');
    const isOn = () => posts.at(-1) === 'Debugger.enable';
    const told = [];
    ${body}
    console.log(JSON.stringify({ told, enabled: posts.filter((each) => each === 'Debugger.enable').length, isOn: isOn() }));
  `;
  const run = (body: string): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program(body)], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    );

  test('after captures, after refusals, after rebuilding', () => {
    expect(
      run(`
        const factor = 2;
        const out = new Session();
        const frame = out.encode((x) => x * factor);
        told.push(isOn());
        const bad = new WeakMap();
        try { out.encode(() => bad); } catch { told.push(isOn()); }
        for (const hash of frame.codes) addCode(hash, out.code(hash));
        const fn = new Session({ functions: true }).decode(frame);
        told.push(isOn(), fn(4));
      `),
    ).toEqual({ told: [false, false, false, 8], enabled: 1, isOn: false });
  });

  test('after the search for shared variables, and when the other end encodes', () => {
    expect(
      run(`
        const make = (n) => [() => ++n, () => n];
        const [up, get] = make(1);
        const [, other] = make(1);
        const out = new Session();
        const frame = out.encode(() => [up(), get(), other()]);
        told.push(isOn());
        for (const hash of frame.codes) addCode(hash, out.code(hash));
        const there = new Session();
        const fn = there.decode(frame);
        told.push(isOn(), fn().join());
        there.encode([1, new Map([[{}, fn]])]);
        told.push(isOn());
      `),
    ).toMatchObject({ told: [false, false, '2,2,1', false], isOn: false });
  });
});

test('a closure made for each task is warned of once, after 1,000 of one source', async () => {
  const warnings: (Error & { code?: string })[] = [];
  const listen = (warning: Error & { code?: string }): void => {
    if (warning.code === 'JOBLOOM_FRESH_CLOSURES') warnings.push(warning);
  };
  process.on('warning', listen);
  try {
    await using runner = new Parallel({ backend: 'threads', nJobs: 1 });
    const base = 1;
    const few = Array.from({ length: 999 }, (_, n) => delayed(() => n + base)());
    await runner.run(few);
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
    const results = await runner.run(Array.from({ length: 2100 }, (_, n) => delayed(() => n - base)()));
    await new Promise(setImmediate);
    expect([results.length, results[2099]]).toEqual([2100, 2098]);
    expect(
      warnings.map(({ name, message }) => [name, message.replace(/\(file:.*?(\w+\.test\.ts):\d+\)/, '($1)')]),
    ).toEqual([
      [
        'JobloomWarning',
        'one call captured 1000 functions of the same source: () => n - base (concurrency.test.ts). Each is looked at anew, which costs about 0.2 ms. Make the function once, outside of the loop, and pass what changes as arguments: delayed(fn)(value)',
      ],
    ]);
  } finally {
    process.off('warning', listen);
  }
});
