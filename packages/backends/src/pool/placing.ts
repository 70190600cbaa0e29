import { isWorthSending } from './locality.ts';
import type { Client, Instruction, PoolState, Unit, Worker } from './state.ts';

/** Units of its call that may be at one worker, whose tasks overlap. */
export function lanesOf(unit: Unit | undefined): number {
  return unit?.lanes ?? 1;
}

/** Quick units that may be at one worker. */
export function aheadOf({ ahead = 2 }: Unit): number {
  return ahead;
}

/** Gives queued units to workers, one a client in turn, and starts workers where that is worth it. */
export function place(state: PoolState, out: Instruction[]): void {
  for (let placed = true; placed; ) {
    placed = false;
    for (const [name, client] of state.clients) {
      const [unit] = client.queue;
      if (unit === undefined) continue;
      const id = pick(state, client, unit, out);
      if (id === undefined) continue;
      client.queue.shift();
      delete client.waits;
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

/** The ready worker with the least to do that may take this unit now, of equals one that has its large buffers; none where it is better to wait for such a one. */
function pick(state: PoolState, client: Client, unit: Unit, out: Instruction[]): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  let bestMs = 0;
  let near = 0;
  for (const [id, worker] of state.workers) {
    const load = worker.units.length;
    if (worker.phase !== 'ready' || worker.retiring) continue;
    if (!client.held.has(id) && client.held.size >= client.limit) continue;
    const transferMs = state.transferMs(id, unit);
    if (transferMs === 0) near += 1;
    if (load > least || (load > 0 && !mayJoin(state, worker, unit))) continue;
    if (load === least && transferMs >= bestMs) continue;
    best = id;
    least = load;
    bestMs = transferMs;
  }
  if (best === undefined || bestMs === 0 || client.waits === 'over') return best;
  if (isWorthSending({ transferMs: bestMs, backlogMs: unit.backlogMs, near })) return best;
  if (client.waits === undefined) out.push({ type: 'wait', client: unit.client, ms: bestMs });
  client.waits = 'begun';
  return undefined;
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
export function start(state: PoolState, wanted: number, cap: number, out: Instruction[]): void {
  let size = 0;
  for (const worker of state.workers.values()) if (!worker.retiring) size += 1;
  for (let left = wanted; left > 0 && size < cap; left -= 1, size += 1) {
    const worker = state.nextWorker++;
    state.workers.set(worker, { phase: 'starting', units: [], ending: false, retiring: false, given: 0 });
    out.push({ type: 'start', worker });
  }
}
