import type { FunctionNode } from './sharing.ts';

/** What has to be there before what. */
export interface Dependencies {
  readonly functions: ReadonlyMap<number, FunctionNode>;
  /** Slots without which a node cannot be created: the parent of a class, the class of an instance. */
  readonly hard: ReadonlyMap<number, readonly number[]>;
  /** Slots that must be complete, with all they reach, before a node is created. */
  readonly deep: ReadonlyMap<number, readonly number[]>;
  /** Which node refers to which, pair by pair. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Functions that write variables which they captured, functions that share such variables, and all that reaches one.
 * @param sharing nodes of functions that share variables
 */
export function statefulNodes({ functions, from, to }: Dependencies, sharing: readonly number[]): Set<number> {
  const stateful = new Set<number>(sharing);
  for (const [id, { captured, slots }] of functions) {
    if (captured.code.header.writes.some((at) => slots[at] !== -1)) stateful.add(id);
  }
  if (stateful.size === 0) return stateful;
  const back = targets(to, from);
  const queue = [...stateful];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const user of back.get(id) ?? []) {
      if (stateful.has(user)) continue;
      stateful.add(user);
      queue.push(user);
    }
  }
  return stateful;
}

function targets(from: readonly number[], to: readonly number[]): Map<number, number[]> {
  const map = new Map<number, number[]>();
  for (let at = 0; at < from.length; at += 1) {
    const known = map.get(from[at] as number);
    if (known === undefined) map.set(from[at] as number, [to[at] as number]);
    else known.push(to[at] as number);
  }
  return map;
}

interface Visit {
  readonly id: number;
  /** The node that wants this one cannot do without it. */
  readonly hard: boolean;
  readonly hards: number;
  readonly needs: readonly number[];
  next: number;
}

/**
 * The order in which nodes with needs are created: after what they need, functions after the functions that they
 * capture wherever no cycle forbids it. Whatever is not in it can be created at any time.
 */
export function creationOrder(dependencies: Dependencies): number[] {
  const { functions, hard, deep, from, to } = dependencies;
  if (functions.size === 0 && deep.size === 0) return [];
  const edges = deep.size === 0 ? new Map<number, number[]>() : targets(from, to);
  const order: number[] = [];
  const done = new Set<number>();
  const open = new Set<number>();
  const filled = new Set<number>();

  const visitOf = (id: number, isHard: boolean): Visit => {
    const hards = nodesIn(hard.get(id) ?? []);
    const deeps = nodesIn(deep.get(id) ?? []);
    const softs = nodesIn(functions.get(id)?.slots ?? []).filter(
      (at) => functions.has(at) || hard.has(at) || deep.has(at),
    );
    return { id, hard: isHard, hards: hards.length + deeps.length, needs: [...hards, ...deeps, ...softs], next: 0 };
  };

  /** Creates and fills everything that a node with deep needs reaches. */
  const complete = (id: number): void => {
    const reached = new Set<number>();
    const queue = nodesIn(deep.get(id) ?? []);
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (reached.has(at) || at === id) continue;
      reached.add(at);
      queue.push(...(edges.get(at) ?? []));
    }
    for (const at of reached) if (at !== id && needsOrder(at) && !done.has(at) && !open.has(at)) walk(at);
    for (const at of reached) {
      if (filled.has(at) || open.has(at)) continue;
      filled.add(at);
      order.push(-1 - at);
    }
  };

  const needsOrder = (id: number): boolean => functions.has(id) || hard.has(id) || deep.has(id);

  const walk = (start: number): void => {
    const stack: Visit[] = [visitOf(start, false)];
    open.add(start);
    while (stack.length > 0) {
      const visit = stack.at(-1) as Visit;
      const need = visit.needs[visit.next];
      if (need === undefined) {
        if (deep.has(visit.id)) complete(visit.id);
        stack.pop();
        open.delete(visit.id);
        done.add(visit.id);
        order.push(visit.id);
        continue;
      }
      const isHard = visit.next < visit.hards;
      visit.next += 1;
      if (done.has(need) || !needsOrder(need)) continue;
      if (!open.has(need)) {
        open.add(need);
        stack.push(visitOf(need, isHard));
      } else if (isHard && !deep.has(visit.id)) {
        // It needs a node that is waiting for it: leave it for later, with all that cannot do without it.
        for (let left = stack.pop(); left !== undefined; left = stack.pop()) {
          open.delete(left.id);
          if (!left.hard) break;
        }
      }
    }
  };

  for (const id of [...functions.keys(), ...deep.keys()]) {
    if (!done.has(id)) walk(id);
  }
  return order;
}

function nodesIn(slots: readonly number[]): number[] {
  return slots.flatMap((slot) => (slot >= 0 && slot % 2 !== 0 ? [(slot - 1) / 2] : []));
}
