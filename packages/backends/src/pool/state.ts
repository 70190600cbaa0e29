/** A run of consecutive tasks of one batch: what a worker gets in one message. */
export interface Unit {
  readonly id: number;
  readonly client: string;
  /** Range of the batch's tasks: from is included, to is not. */
  readonly from: number;
  readonly to: number;
  /** Expected to be short: a worker may hold a second one while it works on the first. */
  readonly quick: boolean;
  /** So many quick units may be at one worker; 2 where it is left out. */
  readonly ahead?: number;
  /** So many units of its call may be at one worker, whose tasks overlap; 1 where it is left out. Such a worker has no other call's. */
  readonly lanes?: number;
  /** Its call was cancelled while a worker had it: what has not started never starts. */
  readonly dropped?: boolean;
}

interface Client {
  /** Most workers that may hold units of this client at once. */
  limit: number;
  queue: Unit[];
  /** Units each worker holds. */
  readonly held: Map<number, number>;
}

interface Worker {
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
  /** The worker has done enough, or holds too much memory: another is to take its place. */
  | { readonly type: 'retire'; readonly worker: number }
  | { readonly type: 'close' };

export type Instruction =
  | { readonly type: 'start'; readonly worker: number }
  | { readonly type: 'send'; readonly worker: number; readonly unit: Unit }
  /** Nothing to do for it: let the program end, arm the idle clock. */
  | { readonly type: 'rest'; readonly worker: number }
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

export function emptyPool(): PoolState {
  return { clients: new Map(), workers: new Map(), nextWorker: 1, failedStarts: 0, closed: false };
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

function lanesOf(unit: Unit | undefined): number {
  return unit?.lanes ?? 1;
}

function aheadOf({ ahead = 2 }: Unit): number {
  return ahead;
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

/** Gives queued units to workers, one a client in turn, and starts workers where that is worth it. */
function place(state: PoolState, out: Instruction[]): void {
  for (let placed = true; placed; ) {
    placed = false;
    for (const [name, client] of state.clients) {
      const [unit] = client.queue;
      if (unit === undefined) continue;
      const id = pick(state, client, unit);
      if (id === undefined) continue;
      client.queue.shift();
      client.held.set(id, (client.held.get(id) ?? 0) + 1);
      const worker = state.workers.get(id) as Worker;
      worker.units.push(unit);
      worker.given += 1;
      out.push({ type: 'send', worker: id, unit });
      state.clients.delete(name); // to the end of the line: the next turn is another client's
      state.clients.set(name, client);
      placed = true;
    }
  }
  if (!state.closed) grow(state, out);
}

/** The ready worker with the least to do that may take this unit now. */
function pick(state: PoolState, client: Client, unit: Unit): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [id, worker] of state.workers) {
    const load = worker.units.length;
    if (worker.phase !== 'ready' || worker.retiring || load >= least) continue;
    if (load > 0 && !mayJoin(state, worker, unit)) continue;
    if (!client.held.has(id) && client.held.size >= client.limit) continue;
    best = id;
    least = load;
  }
  return best;
}

/** Whether a worker that has units may take this one as well. */
function mayJoin(state: PoolState, { units, ending, given }: Worker, unit: Unit): boolean {
  const [first] = units as [Unit];
  const lanes = lanesOf(unit);
  if (lanes === 1 && lanesOf(first) === 1) {
    if (units.length === 1 && ending) return true;
    return unit.quick && first.quick && units.length < Math.min(aheadOf(unit), aheadOf(first));
  }
  if (lanes !== lanesOf(first) || first.client !== unit.client || units.length >= lanes) return false;
  return given < lanes || !isWaitedFor(state, unit.client);
}

/** Whether another client has work and fewer workers than would be fair: this one's are to come to an end, so that it gets one. */
function isWaitedFor(state: PoolState, name: string): boolean {
  const mine = state.clients.get(name)?.held.size ?? 0;
  for (const [other, { queue, held, limit }] of state.clients) {
    if (other === name || queue.length === 0 || held.size >= limit) continue;
    if (held.size === 0 || held.size + 2 <= mine) return true;
  }
  return false;
}

function grow(state: PoolState, out: Instruction[]): void {
  let wanted = 0;
  let cap = 0;
  for (const client of state.clients.values()) {
    if (client.queue.length === 0) continue;
    wanted += Math.min(client.queue.length, client.limit - client.held.size);
    cap = Math.max(cap, client.limit);
  }
  for (const worker of state.workers.values()) if (worker.phase === 'starting') wanted -= 1;
  start(state, wanted, cap, out);
}

/** Starts as many more workers as are wanted, and no more than `cap` in all. */
function start(state: PoolState, wanted: number, cap: number, out: Instruction[]): void {
  let size = 0;
  for (const worker of state.workers.values()) if (!worker.retiring) size += 1;
  for (let left = wanted; left > 0 && size < cap; left -= 1, size += 1) {
    const worker = state.nextWorker++;
    state.workers.set(worker, { phase: 'starting', units: [], ending: false, retiring: false, given: 0 });
    out.push({ type: 'start', worker });
  }
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
