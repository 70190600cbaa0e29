/** A daemon that workers can be put on. */
export interface Room {
  /** Tasks that it runs at once; 0 takes none. */
  readonly jobs: number;
  /** Workers that this caller has there. */
  readonly links: number;
  /** Blobs of this caller that are there; 0 where it is left out. */
  readonly blobs?: number;
}

/** The daemon that gets the next worker: the one with the smallest part of its slots taken, of those that have one left; of equals the one that holds more blobs, or the first. */
export function pickRoom<R extends Room>(rooms: Iterable<R>): R | undefined {
  let best: R | undefined;
  for (const room of rooms) {
    if (room.links >= room.jobs) continue;
    if (best === undefined || isBetter(room, best)) best = room;
  }
  return best;
}

function isBetter(room: Room, best: Room): boolean {
  const difference = room.links * best.jobs - best.links * room.jobs;
  return difference < 0 || (difference === 0 && (room.blobs ?? 0) > (best.blobs ?? 0));
}
