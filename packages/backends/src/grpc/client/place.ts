/** A daemon that workers can be put on. */
export interface Room {
  /** Tasks that it runs at once; 0 takes none. */
  readonly jobs: number;
  /** Workers that this caller has there. */
  readonly links: number;
}

/** The daemon that gets the next worker: the one with the smallest part of its slots taken, of those that have one left; the first of equals. */
export function pickRoom<R extends Room>(rooms: Iterable<R>): R | undefined {
  let best: R | undefined;
  for (const room of rooms) {
    if (room.links >= room.jobs) continue;
    if (best === undefined || room.links * best.jobs < best.links * room.jobs) best = room;
  }
  return best;
}
