/** A daemon that workers can be put on. */
export interface Room {
  /** Tasks that it runs at once; 0 takes none. */
  readonly jobs: number;
  /** Workers that this caller has there. */
  readonly links: number;
}

/**
 * The daemon that gets the next worker, of those that have a slot left: the one that lacks the fewest bytes of what
 * tasks need, for a free slot costs no wait and the way there does; of equals the one with the smallest part of its
 * slots taken, or the first.
 * @param missing bytes that a daemon lacks of what tasks need now
 */
export function pickRoom<R extends Room>(rooms: Iterable<R>, missing: (room: R) => number = () => 0): R | undefined {
  let best: R | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const room of rooms) {
    if (room.links >= room.jobs) continue;
    const bytes = missing(room);
    if (best !== undefined && (bytes > least || (bytes === least && !isEmptier(room, best)))) continue;
    best = room;
    least = bytes;
  }
  return best;
}

function isEmptier(room: Room, other: Room): boolean {
  return room.links * other.jobs < other.links * room.jobs;
}
