import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWorthSending } from '../../packages/backends/src/pool/locality.ts';
import {
  emptyPool,
  type Instruction,
  MAX_FAILED_STARTS,
  type PoolEvent,
  type PoolState,
  transition,
  type Unit,
  validatePool,
} from '../../packages/backends/src/pool/state.ts';

const unit = (id: number, more: Partial<Unit> = {}): Unit => ({
  id,
  client: 'a',
  from: 0,
  to: 10,
  quick: false,
  ...more,
});

/** Feeds events and gives what the last one led to. */
function feed(state: PoolState, ...events: PoolEvent[]): Instruction[] {
  let last: Instruction[] = [];
  for (const event of events) {
    last = transition(state, event);
    validatePool(state);
  }
  return last;
}

const send = (worker: number, what: Unit): Instruction => ({ type: 'send', worker, unit: what });

test('the first unit starts a worker and goes to it once it is ready', () => {
  const state = emptyPool();
  expect(feed(state, { type: 'submit', unit: unit(1), limit: 2 })).toEqual([{ type: 'start', worker: 1 }]);
  expect(feed(state, { type: 'ready', worker: 1 })).toEqual([{ type: 'send', worker: 1, unit: unit(1) }]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 1 })).toEqual([{ type: 'rest', worker: 1 }]);
});

test('no more workers are started than the limit, nor than there are units', () => {
  const state = emptyPool();
  expect(feed(state, { type: 'submit', unit: unit(1), limit: 2 })).toEqual([{ type: 'start', worker: 1 }]);
  expect(feed(state, { type: 'submit', unit: unit(2), limit: 2 })).toEqual([{ type: 'start', worker: 2 }]);
  expect(feed(state, { type: 'submit', unit: unit(3), limit: 2 })).toEqual([]);
});

test('work that is on its way starts workers, which it then waits for', () => {
  const state = emptyPool();
  expect(feed(state, { type: 'expect', workers: 2 })).toEqual([
    { type: 'start', worker: 1 },
    { type: 'start', worker: 2 },
  ]);
  expect(feed(state, { type: 'expect', workers: 2 })).toEqual([]);
  expect(feed(state, { type: 'submit', unit: unit(1), limit: 2 })).toEqual([]);
  expect(feed(state, { type: 'ready', worker: 2 })).toEqual([{ type: 'send', worker: 2, unit: unit(1) }]);
  expect(feed(state, { type: 'ready', worker: 1 })).toEqual([{ type: 'rest', worker: 1 }]);
  expect(feed(state, { type: 'close' }, { type: 'expect', workers: 3 })).toEqual([]);
});

test('units that overlap go to one worker up to their number, and not beside those of another call', () => {
  const state = emptyPool();
  const wide = (id: number, more: Partial<Unit> = {}): Unit => unit(id, { lanes: 3, ...more });
  for (const id of [1, 2, 3, 4]) feed(state, { type: 'submit', unit: wide(id), limit: 1 });
  feed(state, { type: 'submit', unit: unit(5, { client: 'b', quick: true }), limit: 1 });
  expect(feed(state, { type: 'ready', worker: 1 })).toEqual(
    [1, 2, 3].map((id) => ({ type: 'send', worker: 1, unit: wide(id) })),
  );
  // 'b' waits: the worker comes to an end with what it has
  expect(feed(state, { type: 'finished', worker: 1, unit: 2 })).toEqual([]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 1 })).toEqual([]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 3 })).toEqual([
    { type: 'send', worker: 1, unit: unit(5, { client: 'b', quick: true }) },
  ]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 5 })).toEqual([{ type: 'send', worker: 1, unit: wide(4) }]);
  // nobody waits: the next may join
  expect(feed(state, { type: 'submit', unit: wide(6), limit: 1 })).toEqual([
    { type: 'send', worker: 1, unit: wide(6) },
  ]);
});

test('calls that overlap share the workers without waiting for each other', () => {
  const state = emptyPool();
  const of = (client: string, id: number): Unit => unit(id, { client, lanes: 2 });
  feed(state, { type: 'expect', workers: 2 });
  for (const id of [1, 2, 3, 4]) feed(state, { type: 'submit', unit: of('a', id), limit: 2 });
  for (const id of [11, 12, 13, 14]) feed(state, { type: 'submit', unit: of('b', id), limit: 2 });
  expect(feed(state, { type: 'ready', worker: 1 })).toEqual([
    { type: 'send', worker: 1, unit: of('a', 1) },
    { type: 'send', worker: 1, unit: of('a', 2) },
  ]);
  expect(feed(state, { type: 'ready', worker: 2 })).toEqual([
    { type: 'send', worker: 2, unit: of('b', 11) },
    { type: 'send', worker: 2, unit: of('b', 12) },
  ]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 1 })).toEqual([
    { type: 'send', worker: 1, unit: of('a', 3) },
  ]);
});

test('a worker that dies among units that overlap loses of each what had started', () => {
  const state = emptyPool();
  const wide = (id: number, more: Partial<Unit> = {}): Unit => unit(id, { lanes: 3, ...more });
  for (const id of [1, 2, 3]) feed(state, { type: 'submit', unit: wide(id), limit: 1 });
  feed(state, { type: 'ready', worker: 1 });
  const beside = new Map([
    [1, { done: 9, started: Number.POSITIVE_INFINITY }],
    [2, { done: 0, started: 4 }],
    [3, { done: 0, started: 0 }],
  ]);
  expect(feed(state, { type: 'gone', worker: 1, done: 9, started: Number.POSITIVE_INFINITY, beside })).toEqual([
    { type: 'lose', unit: wide(1), from: 9, to: 10, worker: 1 },
    { type: 'lose', unit: wide(2), from: 0, to: 4, worker: 1 },
    { type: 'start', worker: 2 },
  ]);
  expect(feed(state, { type: 'ready', worker: 2 })).toEqual([
    { type: 'send', worker: 2, unit: wide(2, { from: 4 }) },
    { type: 'send', worker: 2, unit: wide(3) },
  ]);
});

test('a second unit is sent ahead only where both are quick', () => {
  const quick = emptyPool();
  feed(
    quick,
    { type: 'submit', unit: unit(1, { quick: true }), limit: 1 },
    { type: 'submit', unit: unit(2, { quick: true }), limit: 1 },
  );
  expect(feed(quick, { type: 'ready', worker: 1 }).map(({ type }) => type)).toEqual(['send', 'send']);
  const slow = emptyPool();
  feed(slow, { type: 'submit', unit: unit(1), limit: 1 }, { type: 'submit', unit: unit(2, { quick: true }), limit: 1 });
  expect(feed(slow, { type: 'ready', worker: 1 })).toEqual([{ type: 'send', worker: 1, unit: unit(1) }]);
});

test('a worker gets as many quick units ahead as both they and its first one allow', () => {
  const state = emptyPool();
  const deep = { quick: true, ahead: 3 };
  for (const id of [1, 2, 3, 4]) feed(state, { type: 'submit', unit: unit(id, deep), limit: 1 });
  feed(state, { type: 'submit', unit: unit(5, { quick: true }), limit: 1 });
  expect(feed(state, { type: 'ready', worker: 1 })).toEqual([1, 2, 3].map((id) => send(1, unit(id, deep))));
  expect(feed(state, { type: 'finished', worker: 1, unit: 1 })).toEqual([send(1, unit(4, deep))]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 2 })).toEqual([]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 3 })).toEqual([send(1, unit(5, { quick: true }))]);
});

test('a worker whose calls are over gets the next unit while it sends results', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 }, { type: 'submit', unit: unit(2), limit: 1 });
  feed(state, { type: 'submit', unit: unit(3), limit: 1 }, { type: 'ready', worker: 1 });
  expect(feed(state, { type: 'ending', worker: 1, unit: 1 })).toEqual([{ type: 'send', worker: 1, unit: unit(2) }]);
  expect(feed(state, { type: 'ending', worker: 1, unit: 1 })).toEqual([]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 1 })).toEqual([]);
  expect(feed(state, { type: 'finished', worker: 1, unit: 2 })).toEqual([{ type: 'send', worker: 1, unit: unit(3) }]);
});

test('clients take turns', () => {
  const state = emptyPool();
  feed(
    state,
    { type: 'submit', unit: unit(1), limit: 1 },
    { type: 'submit', unit: unit(2), limit: 1 },
    { type: 'submit', unit: unit(3), limit: 1 },
    { type: 'submit', unit: unit(4, { client: 'b' }), limit: 1 },
    { type: 'ready', worker: 1 },
  );
  const sent = (instructions: Instruction[]) => instructions.flatMap((i) => (i.type === 'send' ? [i.unit.id] : []));
  expect(sent(feed(state, { type: 'finished', worker: 1, unit: 1 }))).toEqual([4]);
  expect(sent(feed(state, { type: 'finished', worker: 1, unit: 4 }))).toEqual([2]);
});

test('of a lost worker, tasks that may have started are lost, the others run on a new worker first', () => {
  const state = emptyPool();
  const quick = { quick: true };
  feed(state, { type: 'submit', unit: unit(1, quick), limit: 1 }, { type: 'submit', unit: unit(2, quick), limit: 1 });
  feed(state, { type: 'submit', unit: unit(3, quick), limit: 1 }, { type: 'ready', worker: 1 });
  expect(feed(state, { type: 'gone', worker: 1, done: 4, started: 5 })).toEqual([
    { type: 'lose', unit: unit(1, quick), from: 4, to: 5, worker: 1 },
    { type: 'start', worker: 2 },
  ]);
  expect(feed(state, { type: 'ready', worker: 2 })).toEqual([
    { type: 'send', worker: 2, unit: unit(1, { ...quick, from: 5 }) },
    { type: 'send', worker: 2, unit: unit(2, quick) },
  ]);
});

test('an abort drops what is queued and tells the workers of the rest', () => {
  const state = emptyPool();
  feed(
    state,
    { type: 'submit', unit: unit(1), limit: 1 },
    { type: 'submit', unit: unit(2), limit: 1 },
    { type: 'ready', worker: 1 },
  );
  expect(feed(state, { type: 'drop', client: 'a' })).toEqual([
    { type: 'dropped', unit: unit(2) },
    { type: 'cancel', worker: 1, unit: 1 },
  ]);
});

test('what was cancelled at a worker is not queued again when that worker dies', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 }, { type: 'ready', worker: 1 }, { type: 'drop', client: 'a' });
  const dropped = unit(1, { dropped: true });
  expect(feed(state, { type: 'gone', worker: 1, done: 0, started: 1 })).toEqual([
    { type: 'lose', unit: dropped, from: 0, to: 1, worker: 1 },
    { type: 'dropped', unit: { ...dropped, from: 1 } },
  ]);
});

test('a worker that does not come to the end of what was cancelled is stopped', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 }, { type: 'ready', worker: 1 });
  expect(feed(state, { type: 'overdue', worker: 1, unit: 1 })).toEqual([]); // not cancelled
  feed(state, { type: 'drop', client: 'a' });
  expect(feed(state, { type: 'overdue', worker: 1, unit: 2 })).toEqual([]); // another unit
  expect(feed(state, { type: 'overdue', worker: 1, unit: 1 })).toEqual([{ type: 'stop', worker: 1, atOnce: true }]);
});

test('workers that never become ready make the pool unusable for what waits, and the next submit tries again', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 });
  let last: Instruction[] = [];
  for (let worker = 1; worker <= MAX_FAILED_STARTS; worker += 1)
    last = feed(state, { type: 'gone', worker, done: 0, started: 0 });
  expect(last).toEqual([{ type: 'unusable', unit: unit(1) }]);
  expect(feed(state, { type: 'submit', unit: unit(2), limit: 1 })).toEqual([
    { type: 'start', worker: MAX_FAILED_STARTS + 1 },
  ]);
});

test('one worker that says that none can start is enough', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 });
  expect(feed(state, { type: 'gone', worker: 1, done: 0, started: 0, hopeless: true })).toEqual([
    { type: 'unusable', unit: unit(1) },
  ]);
});

test('an idle worker ends, unless work came in meanwhile', () => {
  const state = emptyPool();
  feed(state, { type: 'submit', unit: unit(1), limit: 1 }, { type: 'ready', worker: 1 });
  expect(feed(state, { type: 'idle', worker: 1 })).toEqual([]);
  feed(state, { type: 'finished', worker: 1, unit: 1 });
  expect(feed(state, { type: 'idle', worker: 1 })).toEqual([{ type: 'stop', worker: 1, atOnce: false }]);
});

test('close drops what waits and starts nothing for what dies', () => {
  const state = emptyPool();
  feed(
    state,
    { type: 'submit', unit: unit(1), limit: 1 },
    { type: 'submit', unit: unit(2), limit: 1 },
    { type: 'ready', worker: 1 },
  );
  expect(feed(state, { type: 'close' })).toEqual([
    { type: 'dropped', unit: unit(2) },
    { type: 'cancel', worker: 1, unit: 1 },
    { type: 'stop', worker: 1, atOnce: false },
  ]);
  expect(feed(state, { type: 'gone', worker: 1, done: 2, started: 3 })).toEqual([
    { type: 'lose', unit: unit(1, { dropped: true }), from: 2, to: 3, worker: 1 },
    { type: 'dropped', unit: unit(1, { from: 3, dropped: true }) },
  ]);
});

/** Plays random events against a model of the workers and checks that every task is accounted for exactly once. */
test('whatever happens, each task is done, lost or dropped exactly once', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1_000_000)), (randoms) => {
      const pick = (below: number): number => (randoms.next().value as number) % below;
      const state = emptyPool((worker, { id }) => ((worker + id) % 3) * 50);
      const waiting = new Set<string>();
      const fates = new Map<number, string[]>();
      const workers = new Map<number, Unit[] | undefined>(); // undefined: starting
      let nextUnit = 1;
      const settle = (u: Unit, from: number, to: number, fate: string): void => {
        for (let at = from; at < to; at += 1) (fates.get(u.id) as string[])[at] = (fates.get(u.id)?.[at] ?? '') + fate;
      };
      const act = (event: PoolEvent): void => {
        for (const instruction of transition(state, event)) {
          if (instruction.type === 'start') workers.set(instruction.worker, undefined);
          if (instruction.type === 'send') workers.get(instruction.worker)?.push(instruction.unit);
          if (instruction.type === 'stop') workers.delete(instruction.worker);
          if (instruction.type === 'wait') waiting.add(instruction.client);
          if (instruction.type === 'lose') settle(instruction.unit, instruction.from, instruction.to, 'L');
          if (instruction.type === 'dropped') settle(instruction.unit, instruction.unit.from, instruction.unit.to, 'D');
          if (instruction.type === 'unusable')
            settle(instruction.unit, instruction.unit.from, instruction.unit.to, 'U');
        }
        validatePool(state);
      };
      for (let step = 0; step < 60; step += 1) {
        const ids = [...workers.keys()];
        const id = ids[pick(Math.max(1, ids.length))];
        const kind = pick(8);
        if (kind < 3 || id === undefined) {
          const lanes = 1 + pick(4);
          const made = unit(nextUnit++, {
            client: 'abc'[pick(3)] as string,
            to: 1 + pick(4),
            quick: pick(2) === 0,
            ...(lanes > 1 && { lanes }),
            ...(pick(2) === 0 && { backlogMs: pick(200) }),
          });
          fates.set(made.id, new Array(made.to).fill(''));
          act({ type: 'submit', unit: made, limit: 1 + ('abc'.indexOf(made.client) % 3) });
          continue;
        }
        const [client] = waiting;
        if (client !== undefined && pick(4) === 0) {
          waiting.delete(client);
          act({ type: 'waited', client });
          continue;
        }
        const held = workers.get(id);
        if (kind === 7) {
          const [first] = held ?? [];
          workers.delete(id);
          const reached = new Map(
            (first?.lanes === undefined ? (held ?? []).slice(0, 1) : (held as Unit[])).map((each) => {
              const done = each.from + pick(each.to - each.from + 1);
              settle(each, each.from, done, 'O');
              return [each.id, { done, started: done + pick(each.to - done + 1) }];
            }),
          );
          const { done, started } = reached.get(first?.id ?? -1) ?? { done: 0, started: 0 };
          act({ type: 'gone', worker: id, done, started, ...(first?.lanes && { beside: reached }) });
        } else if (kind === 6 && pick(3) === 0) {
          act({ type: 'drop', client: 'abc'[pick(3)] as string });
        } else if (held === undefined) {
          workers.set(id, []);
          act({ type: 'ready', worker: id });
        } else if (held.length === 1 && kind === 5) {
          act({ type: 'ending', worker: id, unit: (held[0] as Unit).id });
        } else if (held.length > 0) {
          const first = held.shift() as Unit;
          settle(first, first.from, first.to, 'O');
          act({ type: 'finished', worker: id, unit: first.id });
        } else {
          act({ type: 'idle', worker: id });
        }
      }
      for (let guard = 0; workers.size > 0 && guard < 1000; guard += 1) {
        for (const [id, held] of [...workers]) {
          if (held === undefined) {
            workers.set(id, []);
            act({ type: 'ready', worker: id });
          } else if (held.length > 0) {
            const first = held.shift() as Unit;
            settle(first, first.from, first.to, 'O');
            act({ type: 'finished', worker: id, unit: first.id });
          } else act({ type: 'idle', worker: id });
        }
      }
      for (const [id, list] of fates)
        for (const [at, fate] of list.entries())
          if (fate.length !== 1) throw new Error(`task ${at} of unit ${id}: fate "${fate}"`);
    }),
    { numRuns: 300 },
  );
});

describe('a unit whose large buffers are at one worker', () => {
  /** Two ready workers of a call; the first has the buffers, the second would have them after 100 ms. */
  function twoWorkers() {
    const state = emptyPool((worker) => (worker === 2 ? 100 : 0));
    const run = (event: PoolEvent) => transition(state, event);
    run({ type: 'expect', workers: 2 });
    for (const worker of [1, 2]) run({ type: 'ready', worker });
    const submit = (id: number, backlogMs?: number) => {
      const unit = { id, client: 'a', from: 0, to: 1, quick: false, ...(backlogMs !== undefined && { backlogMs }) };
      return run({ type: 'submit', limit: 2, unit }).map((out) =>
        out.type === 'send' ? `${out.unit.id} to ${out.worker}` : out.type === 'wait' ? `wait ${out.ms}` : out.type,
      );
    };
    return { run, submit };
  }

  test('goes to it, and the next one too where the call is over sooner so', () => {
    const { run, submit } = twoWorkers();
    expect(submit(1, 90)).toEqual(['1 to 1']);
    expect(submit(2, 90)).toEqual(['wait 100']);
    expect(submit(3, 90)).toEqual([]);
    expect(run({ type: 'finished', worker: 1, unit: 1 })).toMatchObject([
      { type: 'send', worker: 1 },
      { type: 'wait' },
    ]);
  });

  test('goes to the other where that is over sooner, or where nobody knows', () => {
    expect(
      [twoWorkers(), twoWorkers()].map(({ submit }, at) => [submit(1, 900), submit(2, [101, undefined][at])]),
    ).toEqual([
      [['1 to 1'], ['2 to 2']],
      [['1 to 1'], ['2 to 2']],
    ]);
  });

  test('waits for no longer than it would have been on its way', () => {
    const { run, submit } = twoWorkers();
    submit(1, 90);
    submit(2, 90);
    expect(run({ type: 'waited', client: 'a' })).toMatchObject([{ type: 'send', worker: 2, unit: { id: 2 } }]);
    expect(run({ type: 'waited', client: 'a' })).toEqual([]);
  });
});

test('buffers are sent exactly where the call is over sooner with one more worker that gets them first', () => {
  const ms = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(ms, ms, fc.integer({ min: 1, max: 64 }), (transferMs, backlogMs, near) => {
      const alone = backlogMs / near;
      const together = (backlogMs + transferMs) / (near + 1); // the other one begins when the transfer is over
      fc.pre(Math.abs(alone - together) > 1e-6 * alone);
      expect(isWorthSending({ transferMs, backlogMs, near })).toBe(together < alone);
    }),
  );
  expect(isWorthSending({ transferMs: 0, backlogMs: 0, near: 3 })).toBe(true);
  expect(isWorthSending({ transferMs: 9, backlogMs: 0, near: 0 })).toBe(true);
});
