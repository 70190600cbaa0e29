/** Who may run what: the whole memory of it; `decideSlots` alone changes it. */
export interface SlotsState {
  /** Workers that may run at once. */
  jobs: number;
  /** Units that each running worker has. */
  readonly running: Map<number, number>;
  /** Workers with a unit that waits, by client; the client whose turn it is comes first. */
  readonly waiting: Map<number, number[]>;
}

export type SlotsEvent =
  /** A worker of a client could begin a unit. */
  | { readonly type: 'want'; readonly client: number; readonly worker: number }
  | { readonly type: 'finished'; readonly worker: number }
  | { readonly type: 'gone'; readonly worker: number };

export function emptySlots(jobs: number): SlotsState {
  return { jobs, running: new Map(), waiting: new Map() };
}

/** One event in; out come the workers that get their next unit now. A client that waits has its turn before another's worker gets a second one. */
export function decideSlots(state: SlotsState, event: SlotsEvent): number[] {
  const { running, waiting } = state;
  switch (event.type) {
    case 'want': {
      const units = running.get(event.worker);
      if (units !== undefined && waiting.size === 0) {
        running.set(event.worker, units + 1);
        return [event.worker];
      }
      const queue = waiting.get(event.client);
      if (queue === undefined) waiting.set(event.client, [event.worker]);
      else queue.push(event.worker);
      break;
    }
    case 'finished': {
      const left = (running.get(event.worker) ?? 1) - 1;
      if (left > 0) running.set(event.worker, left);
      else running.delete(event.worker);
      break;
    }
    case 'gone':
      running.delete(event.worker);
      for (const [client, queue] of waiting) {
        const rest = queue.filter((worker) => worker !== event.worker);
        if (rest.length === 0) waiting.delete(client);
        else waiting.set(client, rest);
      }
      break;
    default:
      event satisfies never;
  }
  return serve(state);
}

function serve({ jobs, running, waiting }: SlotsState): number[] {
  const granted: number[] = [];
  while (running.size < jobs) {
    const [next] = waiting;
    if (next === undefined) break;
    const [client, queue] = next;
    const worker = queue.shift() as number;
    waiting.delete(client);
    if (queue.length > 0) waiting.set(client, queue); // to the end of the line
    running.set(worker, (running.get(worker) ?? 0) + 1);
    granted.push(worker);
  }
  return granted;
}
