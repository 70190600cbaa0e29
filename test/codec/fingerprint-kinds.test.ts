import { readFile } from 'node:fs/promises';
import { Session as InspectorSession } from 'node:inspector';
import { promisify } from 'node:util';
import { fingerprint, Session, UnserializableError, withEnvironment } from '@jobloom/codec';
import { describe, expect, test } from 'vitest';
import { fingerprintWith } from '../../packages/codec/src/fingerprint/fingerprint.ts';
import { CASES } from './fixtures/fingerprint-cases.ts';

const id = (fn: unknown): string => fingerprint(fn as () => void).id;

describe('closures', () => {
  const times = (k: unknown) => (x: number) => x * Number(k);
  test('of one source with the same constants are the same', () => {
    expect(id(times(2))).toBe(id(times(2)));
    expect(id(times(2))).not.toBe(id(times(3)));
    expect(id(times(2))).not.toBe(id(times('2')));
    expect(id(times(0))).not.toBe(id(times(-0)));
    expect(id(times(2n))).not.toBe(id(times(2)));
    expect(id(times(null))).not.toBe(id(times(undefined)));
    expect(id(times(Number.NaN))).toBe(id(times(0 / 0)));
  });

  test('with helpers count these', () => {
    const use = (f: (x: number) => number) => (x: number) => f(x);
    expect(id(use((x) => x + 1))).toBe(id(use((x) => /* same */ x + 1)));
    expect(id(use((x) => x + 1))).not.toBe(id(use((x) => x + 2)));
  });

  test('over variables that are written do not count them', () => {
    const counter = (n: number) => () => (n += 1);
    const [one, two] = [counter(1), counter(2)];
    expect(id(one)).toBe(id(two));
    one();
    expect(id(one)).toBe(id(two));
    expect(fingerprint(one).untracked).toEqual(['n']);
  });

  test('over objects do not count their data, and list it', () => {
    const use = (data: object) => () => data;
    expect(id(use({ a: 1 }))).toBe(id(use({ b: [2] })));
    expect(fingerprint(use(new Date())).untracked).toEqual(['data']);
    expect(fingerprint(use(Buffer.alloc(3))).untracked).toEqual(['data']);
    expect(fingerprint(use(new Proxy({}, {}))).untracked).toEqual(['data']);
    expect(fingerprint(use({ f: () => 1 })).untracked).toEqual([]);
  });
});

describe('objects with functions', () => {
  const whole = (tools: object) => () => tools;
  const byMember = (tools: { f: (x: number) => number; g?: unknown }) => (x: number) => tools.f(x);
  const up = (x: number): number => x + 1;
  const down = (x: number): number => x - 1;
  test('count by the member that is used', () => {
    expect(id(byMember({ f: up }))).toBe(id(byMember({ f: up, g: down })));
    expect(id(byMember({ f: up }))).not.toBe(id(byMember({ f: down })));
  });

  test('count whole where they are used whole, whatever the order', () => {
    expect(id(whole({ f: up, g: down }))).toBe(id(whole({ g: down, f: up })));
    expect(id(whole({ f: up, g: down }))).not.toBe(id(whole({ f: down, g: up })));
    expect(id(whole([up, down]))).not.toBe(id(whole([down, up])));
    expect(id(whole(new Map([['a', up]])))).not.toBe(id(whole(new Map([['a', down]]))));
    expect(id(whole(new Set([up])))).not.toBe(id(whole(new Set([down]))));
    expect(id(whole({ deep: { er: up } }))).not.toBe(id(whole({ deep: { er: down } })));
    expect(id(whole(Object.defineProperty({}, 'x', { get: () => up })))).not.toBe(id(whole({})));
  });

  test('are looked at anew each time', () => {
    const tools = { f: up };
    const fn = byMember(tools);
    const before = id(fn);
    tools.f = down;
    expect(id(fn)).not.toBe(before);
    tools.f = up;
    expect(id(fn)).toBe(before);
  });

  test('in circles end', () => {
    const circle: Record<string, unknown> = { f: up };
    circle.self = circle;
    expect(fingerprint(whole(circle)).parts.map(({ name }) => name)).toEqual(['anonymous', 'up']);
  });

  test('count with the class of an instance', () => {
    class A {
      run(x: number): number {
        return this.inner(x);
      }
      inner(x: number): number {
        return x + 1;
      }
    }
    class B extends A {}
    const use = (it: A) => (x: number) => it.run(x);
    expect(fingerprint(use(new B())).parts.map(({ name }) => name)).toEqual(['anonymous', 'B', 'run', 'A']);
    expect(id(use(new A()))).not.toBe(id(use(new B())));
  });

  test('properties of functions count', () => {
    const make = (sub: unknown) => Object.assign((x: number) => x, { sub });
    expect(id(make(up))).not.toBe(id(make(down)));
    expect(id(make(1))).toBe(id(make(2)));
    expect(fingerprint(make(1)).untracked).toEqual(['sub']);
  });
});

describe('circles of functions', () => {
  const pair = () => {
    const even = (n: number): boolean => n === 0 || odd(n - 1);
    const odd = (n: number): boolean => n !== 0 && even(n - 1);
    return { even, odd };
  };
  test('have one fingerprint each, wherever a walk begins', () => {
    const [one, two] = [pair(), pair()];
    expect(id(one.even)).toBe(id(two.even));
    expect(id(one.odd)).toBe(id(two.odd));
    expect(id(one.even)).not.toBe(id(one.odd));
  });

  test('are told apart by anything in them', () => {
    const ring = (last: number) => {
      const a = (): unknown => b;
      const b = (): unknown => c;
      const c = (): unknown => [a, last];
      return a;
    };
    expect(id(ring(1))).toBe(id(ring(1)));
    expect(id(ring(1))).not.toBe(id(ring(2)));
  });

  test('copies of a part make no difference', () => {
    const make = (other: () => unknown) => () => other;
    const a: () => unknown = () => a;
    const copy = (): (() => unknown) => {
      const it: () => unknown = () => it;
      return it;
    };
    const [x, y] = [copy(), copy()];
    const both = (p: unknown, q: unknown) => () => [p, q];
    expect(id(both(x, x))).toBe(id(both(x, y)));
    expect(id(make(a))).not.toBe(id(a));
  });
});

describe('functions of all kinds', () => {
  test('have fingerprints that differ', () => {
    const names = Object.keys(CASES);
    const ids = names.map((name) => id(CASES[name]));
    expect(new Set(ids).size).toBe(names.length);
  });

  test('bound functions count target, this and arguments', () => {
    const f = (a: number, b: number): number => a + b;
    expect(id(f.bind(null, 1))).toBe(id(f.bind(null, 1)));
    expect(id(f.bind(null, 1))).not.toBe(id(f.bind(null, 2)));
    expect(id(f.bind(null, 1))).not.toBe(id(f.bind(1 as never, 1)));
    expect(id(f.bind(null))).not.toBe(id(f));
  });

  test('native functions count by name, what is internal to Node is listed', () => {
    expect(fingerprint(Math.max).parts[0]?.name).toBe('Math.max');
    expect(fingerprint(readFile).parts[0]?.name).toBe('node:fs.promises.readFile');
    const internal = promisify((callback: (error: null) => void) => callback(null));
    const use = () => internal();
    expect(fingerprint(use).untracked).toEqual(['internal']);
    expect(fingerprint(internal).untracked).toHaveLength(1);
    expect(id(Math.max)).not.toBe(id(Math.min));
  });

  test('what an arrow takes of the function around it is listed', () => {
    const holder = {
      make() {
        return () => this;
      },
    };
    expect(fingerprint(holder.make()).untracked).toEqual(['this']);
  });

  test('modules that are loaded while it runs are listed, but for those of Node', () => {
    const load = (name: string) => [import(name), import('./peers.ts'), import('node:fs')];
    expect(fingerprint(load).untracked).toEqual(['import()', expect.stringMatching(/^import\('.*peers\.ts'\)$/)]);
  });

  test('declared variables count', () => {
    const make = (rate: number) => withEnvironment(new Function('x', 'return x * rate') as () => void, { rate });
    expect(id(make(1))).not.toBe(id(make(2)));
  });

  test('sloppy code that strict mode forbids', () => {
    const sloppy = new Function('with (Math) { return 010 }');
    expect(id(sloppy)).toBe(id(new Function('with (Math) { /**/ return 010 }')));
    expect(id(sloppy)).not.toBe(id(new Function('with (Math) { return 011 }')));
  });

  test('what is no function is refused', () => {
    expect(() => fingerprint({} as never)).toThrow(
      'fingerprint takes a function. Got object. Use hash(value) for data',
    );
    expect(() => fingerprint(null as never)).toThrow('fingerprint takes a function. Got null.');
  });
});

describe('values', () => {
  const seen: unknown[] = [];
  const valueHash = (value: unknown): string => {
    seen.push(value);
    if (value instanceof WeakMap) throw new UnserializableError(['map'], 'a WeakMap', 'none');
    return JSON.stringify(value);
  };
  const idWith = (fn: () => unknown) => fingerprintWith(fn, { untracked: [], valueHash });
  test('count where asked for: those of variables that are written, and objects', () => {
    const data = { a: 1 };
    let count = 1;
    const fn = () => [data, count];
    const write = () => {
      count += 1;
    };
    const before = idWith(fn);
    expect(before.untracked).toEqual([]);
    expect(idWith(fn).id).toBe(before.id);
    write();
    const after = idWith(fn);
    expect(after.id).not.toBe(before.id);
    data.a = 2;
    expect(idWith(fn).id).not.toBe(after.id);
  });

  test('that have no hash are listed', () => {
    const map = new WeakMap();
    expect(idWith(() => map).untracked).toEqual(['map']);
  });

  test('of functions in objects are not hashed twice: the functions count as code', () => {
    const tools = { f: () => 1, size: 2 };
    const before = idWith(() => tools);
    expect(before.parts.map(({ name }) => name)).toEqual(['anonymous', 'f', 'tools']);
  });
});

describe('beside captures', () => {
  test('the debugger is off afterwards', () => {
    const { post } = InspectorSession.prototype;
    const posted: string[] = [];
    InspectorSession.prototype.post = function spy(this: InspectorSession, ...args: unknown[]) {
      posted.push(args[0] as string);
      return Reflect.apply(post, this, args);
    } as never;
    try {
      fingerprint(new Function('return 1') as () => void);
    } finally {
      InspectorSession.prototype.post = post;
    }
    const switches = posted.filter((method) => method.startsWith('Debugger.') && method.endsWith('able'));
    expect(switches).toEqual(['Debugger.enable', 'Debugger.disable']);
    expect(posted.at(-1)).toBe('Runtime.releaseObjectGroup');
  });

  test('captures and fingerprints do not disturb each other', () => {
    const make = (k: number) => (x: number) => x * k;
    const fns = Array.from({ length: 50 }, (_, k) => make(k));
    const before = fns.map(id);
    const mixed = fns.map((fn) => {
      const session = new Session();
      const frame = session.encode(fn);
      const one = id(fn);
      for (const hash of frame.codes) session.addCode(hash, session.code(hash));
      const worker = new Session({ role: 'worker' });
      const rebuilt = worker.decode(frame) as () => void;
      return [one, id(rebuilt)];
    });
    expect(mixed).toEqual(before.map((each) => [each, each]));
    expect(new Set(before).size).toBe(50);
  });
});
