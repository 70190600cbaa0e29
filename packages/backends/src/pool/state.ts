import { aheadOf, lanesOf, place, start } from './placing.ts';

/** A run of consecutive tasks of one batch: what a worker gets in one message. */
export interface Unit {
  readonly id: number;
  readonly client: string;
  /** Range of the batch's tasks: from is included, to is not. */
  readonly from: number;
  readonly to: number;
  /** Expected to be short: a worker may hold a second one while it works on the first. */
  readonly quick: boolean;
  /** Milliseconds that its call still needs on one worker, from this unit on; left out: unknown. */
  readonly backlogMs?: number;
  /** So many quick units may be at one worker; 2 where it is left out. */
  readonly ahead?: number;
  /** So many units of its call may be at one worker, whose tasks overlap; 1 where it is left out. Such a worker has no other call's. */
  readonly lanes?: number;
  /** Its call was cancelled while a worker had it: what has not started never starts. */
  readonly dropped?: boolean;
}

export interface Client {
  /** Most workers that may hold units of this client at once. */
  limit: number;
  queue: Unit[];
  /** Units each worker holds. */
  readonly held: Map<number, number>;
  /** Its next unit waits for a worker that has its large buffers; `over`: it has waited for long enough. */
  waits?: 'begun' | 'over';
}

export interface Worker {
  phase: 'starting' | 'ready';
  /** In the order in which the worker runs them. */
  readonly units: Unit[];
  /** The calls of its only unit are over, and it is still sending what they gave. */
  ending: boolean;
  /** It gets nothing more, and is stopped once it has come to its end. */
  retiring: boolean;
  /** Units it was given since it had none. */
  given: number;
}

/** The whole memory of a pool's decisions; `transition` alone changes it. */
export interface PoolState {
  /** Milliseconds until a worker has what it lacks of a unit's large buffers. */
  readonly transferMs: (worker: number, unit: Unit) => number;
  readonly clients: Map<string, Client>;
  readonly workers: Map<number, Worker>;
  nextWorker: number;
  /** Workers in a row that ended before they were ready. */
  failedStarts: number;
  closed: boolean;
}

interface Reached {
  readonly done: number;
  readonly started: number;
}

export type PoolEvent =
  | { readonly type: 'submit'; readonly unit: Unit; readonly limit: number }
  /** Work for so many workers is on its way. */
  | { readonly type: 'expect'; readonly workers: number }
  | { readonly type: 'ready'; readonly worker: number }
  | { readonly type: 'ending'; readonly worker: number; readonly unit: number }
  | { readonly type: 'finished'; readonly worker: number; readonly unit: number }
  /** The worker is gone. Of the unit it was on, tasks before `done` are known, tasks from `started` on never started; `beside` says so of each unit where they overlap; `severed`: of all its units, any may have. */
  | ({ readonly type: 'gone'; readonly worker: number } & Reached & {
        readonly beside?: ReadonlyMap<number, Reached>;
        readonly severed?: boolean;
        /** Another one would not start either. */
        readonly hopeless?: boolean;
      })
  | { readonly type: 'drop'; readonly client: string }
  /** The worker had time enough to come to the end of what was cancelled. */
  | { readonly type: 'overdue'; readonly worker: number; readonly unit: number }
  | { readonly type: 'idle'; readonly worker: number }
  /** The time of a `wait` is over. */
  | { readonly type: 'waited'; readonly client: string }
  /** The worker has done enough, or holds too much memory: another is to take its place. */
  | { readonly type: 'retire'; readonly worker: number }
  | { readonly type: 'close' };

export type Instruction =
  | { readonly type: 'start'; readonly worker: number }
  | { readonly type: 'send'; readonly worker: number; readonly unit: Unit }
  /** Nothing to do for it: let the program end, arm the idle clock. */
  | { readonly type: 'rest'; readonly worker: number }
  /** The client's next unit is better kept for a worker that has its large buffers, for so long at most. */
  | { readonly type: 'wait'; readonly client: string; readonly ms: number }
  /** These tasks may have started and their outcome is unknown. */
  | { readonly type: 'lose'; readonly unit: Unit; readonly from: number; readonly to: number; readonly worker: number }
  /** These tasks were dropped before a worker had them. */
  | { readonly type: 'dropped'; readonly unit: Unit }
  /** Workers of these tasks are to skip what they have not started. */
  | { readonly type: 'cancel'; readonly worker: number; readonly unit: number }
  /** Workers do not start: these tasks cannot run. */
  | { readonly type: 'unusable'; readonly unit: Unit }
  /** At once, whatever it does; otherwise it may clean up first. */
  | { readonly type: 'stop'; readonly worker: number; readonly atOnce: boolean };

/** So many workers in a row that end before they are ready make the pool unusable for what is queued. */
export const MAX_FAILED_STARTS = 3;

export function emptyPool(transferMs: PoolState['transferMs'] = () => 0): PoolState {
  return { transferMs, clients: new Map(), workers: new Map(), nextWorker: 1, failedStarts: 0, closed: false };
}

/** One event in, the instructions it leads to out. No clock, no socket: the caller carries the instructions out in order. */
export function transition(state: PoolState, event: PoolEvent): Instruction[] {
  const out: Instruction[] = [];
  switch (event.type) {
    case 'submit': {
      const client = clientOf(state, event.unit.client, event.limit);
      client.queue.push(event.unit);
      break;
    }
    case 'expect':
      if (!state.closed) start(state, event.workers, event.workers, out);
      return out;
    case 'ready': {
      state.failedStarts = 0;
      const worker = state.workers.get(event.worker);
      if (worker === undefined) return out; // it was stopped meanwhile
      worker.phase = 'ready';
      place(state, out);
      if (worker.units.length === 0) out.push({ type: 'rest', worker: event.worker });
      return out;
    }
    case 'ending': {
      const worker = state.workers.get(event.worker);
      if (worker?.units.length === 1 && worker.units[0]?.id === event.unit) worker.ending = true;
      break;
    }
    case 'finished':
      finished(state, event.worker, event.unit);
      leave(state, event.worker, out);
      place(state, out);
      if (state.workers.get(event.worker)?.units.length === 0) out.push({ type: 'rest', worker: event.worker });
      return out;
    case 'gone':
      gone(state, event, out);
      break;
    case 'drop':
      drop(state, event.client, out);
      break;
    case 'overdue': {
      const units = state.workers.get(event.worker)?.units ?? [];
      const at = units.findIndex(({ id }) => id === event.unit);
      const unit = at === 0 || lanesOf(units[0]) > 1 ? units[at] : undefined;
      return unit?.dropped ? [{ type: 'stop', worker: event.worker, atOnce: true }] : [];
    }
    case 'idle':
      if (state.workers.get(event.worker)?.units.length !== 0) return out; // work came in meanwhile
      state.workers.delete(event.worker);
      return [{ type: 'stop', worker: event.worker, atOnce: false }];
    case 'waited': {
      const client = state.clients.get(event.client);
      if (client?.waits === 'begun') client.waits = 'over';
      break;
    }
    case 'retire': {
      const worker = state.workers.get(event.worker);
      if (worker === undefined) return out;
      worker.retiring = true;
      leave(state, event.worker, out);
      break;
    }
    case 'close':
      state.closed = true;
      for (const name of [...state.clients.keys()]) drop(state, name, out);
      for (const id of state.workers.keys()) out.push({ type: 'stop', worker: id, atOnce: false });
      return out;
  }
  place(state, out);
  return out;
}

function clientOf(state: PoolState, name: string, limit: number): Client {
  let client = state.clients.get(name);
  if (client === undefined) {
    client = { limit, queue: [], held: new Map() };
    state.clients.set(name, client);
  }
  client.limit = limit;
  return client;
}

function finished(state: PoolState, id: number, unitId: number): void {
  const worker = state.workers.get(id);
  const at = worker?.units.findIndex((unit) => unit.id === unitId) ?? -1;
  if (worker === undefined || at < 0) return;
  const [unit] = worker.units.splice(at, 1) as [Unit];
  worker.ending = false;
  if (worker.units.length === 0) worker.given = 0;
  release(state, id, unit);
}

/** A worker that is to retire goes when it has nothing left. */
function leave(state: PoolState, id: number, out: Instruction[]): void {
  const worker = state.workers.get(id);
  if (!worker?.retiring || worker.units.length > 0) return;
  state.workers.delete(id);
  out.push({ type: 'stop', worker: id, atOnce: false });
}

function release(state: PoolState, id: number, unit: Unit): void {
  const client = state.clients.get(unit.client);
  if (client === undefined) return;
  const left = (client.held.get(id) ?? 1) - 1;
  if (left > 0) client.held.set(id, left);
  else client.held.delete(id);
  if (client.queue.length === 0 && client.held.size === 0) state.clients.delete(unit.client);
}

function gone(state: PoolState, event: PoolEvent & { type: 'gone' }, out: Instruction[]): void {
  const worker = state.workers.get(event.worker);
  if (worker === undefined) return;
  state.workers.delete(event.worker);
  if (worker.phase === 'starting') state.failedStarts += event.hopeless ? MAX_FAILED_STARTS : 1;
  const again: Unit[] = [];
  for (const [position, unit] of worker.units.entries()) {
    const reached = event.beside?.get(unit.id) ?? (position === 0 ? event : undefined);
    const done = Math.max(unit.from, reached?.done ?? 0);
    const started = event.severed ? unit.to : Math.min(unit.to, Math.max(done, reached?.started ?? 0));
    if (started > done) out.push({ type: 'lose', unit, from: done, to: started, worker: event.worker });
    if (started < unit.to) again.push({ ...unit, from: started });
  }
  for (const unit of again.reverse()) {
    if (unit.dropped) out.push({ type: 'dropped', unit });
    else state.clients.get(unit.client)?.queue.unshift(unit);
  }
  for (const unit of worker.units) release(state, event.worker, unit);
  if (state.closed) for (const name of [...state.clients.keys()]) drop(state, name, out);
  else if (state.failedStarts >= MAX_FAILED_STARTS) giveUp(state, out);
}

/** No worker starts: what waits cannot run here. The next submit tries again. */
function giveUp(state: PoolState, out: Instruction[]): void {
  if ([...state.workers.values()].some((worker) => worker.phase === 'ready')) return;
  state.failedStarts = 0;
  for (const [name, client] of state.clients) {
    for (const unit of client.queue.splice(0)) out.push({ type: 'unusable', unit });
    if (client.held.size === 0) state.clients.delete(name);
  }
}

function drop(state: PoolState, name: string, out: Instruction[]): void {
  const client = state.clients.get(name);
  if (client === undefined) return;
  for (const unit of client.queue.splice(0)) out.push({ type: 'dropped', unit });
  for (const worker of client.held.keys()) {
    const units = state.workers.get(worker)?.units ?? [];
    for (const [at, unit] of units.entries()) {
      if (unit.client !== name || unit.dropped) continue;
      units[at] = { ...unit, dropped: true };
      out.push({ type: 'cancel', worker, unit: unit.id });
    }
  }
  if (client.held.size === 0) state.clients.delete(name);
}

/** What must hold between any two events; for tests. @throws Error naming what is broken */
export function validatePool(state: PoolState): void {
  for (const [name, client] of state.clients) {
    if (client.held.size > client.limit)
      throw new Error(`client ${name} holds ${client.held.size} workers of ${client.limit}`);
    if (client.queue.length === 0 && client.held.size === 0) throw new Error(`client ${name} has nothing and is kept`);
    for (const [id, count] of client.held) {
      const real = state.workers.get(id)?.units.filter((unit) => unit.client === name).length ?? 0;
      if (real !== count) throw new Error(`client ${name} counts ${count} units on worker ${id}, there are ${real}`);
    }
  }
  for (const [id, worker] of state.workers) {
    if (worker.phase === 'starting' && worker.units.length > 0)
      throw new Error(`worker ${id} has work before it is ready`);
    const lanes = lanesOf(worker.units[0]);
    const most = Math.max(lanes, ...worker.units.map(aheadOf));
    if (worker.units.length > most) throw new Error(`worker ${id} holds ${worker.units.length} units`);
    if (lanes > 1 && new Set(worker.units.map(({ client }) => client)).size > 1)
      throw new Error(`worker ${id} overlaps units of several clients`);
  }
}
