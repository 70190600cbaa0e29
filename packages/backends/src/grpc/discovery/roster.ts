import type { Announcement } from './announcement.ts';

/** Clocks of hosts may differ by this much, or an announcement is taken for an old one that somebody kept. */
const SKEW_MS = 5 * 60_000;

interface Member {
  announcement: Announcement;
  /** When it was last seen to be new, by the clock of whoever looks. */
  renewedAt: number;
}

/**
 * The daemons of a registry, whatever the registry says: a daemon is there while its announcements are renewed. The
 * registry may forget them for a while, and may show old ones.
 */
export class Roster {
  readonly #members = new Map<string, Member>();

  /**
   * Takes what was read; gives what is wrong with it, or undefined.
   * @param now milliseconds by a clock that only goes forward
   * @param wallClock milliseconds since 1970
   */
  see(announcement: Announcement, now: number, wallClock: number): string | undefined {
    const { address, instance, number, at, ttlMs } = announcement;
    const member = this.#members.get(address);
    const last = member?.announcement;
    if (last !== undefined && (last.instance === instance ? number < last.number : at < last.at))
      return 'older than what it said before';
    if (last?.instance === instance && last.number === number) return undefined;
    if (Math.abs(wallClock - at) > ttlMs + SKEW_MS)
      return `stale: signed ${Math.round(Math.abs(wallClock - at) / 1000)} s ${at < wallClock ? 'ago' : 'ahead'} by this host's clock`;
    this.#members.set(address, { announcement, renewedAt: now });
    return undefined;
  }

  /** Those that are there, by address. */
  present(now: number): Announcement[] {
    const present: Announcement[] = [];
    for (const { announcement, renewedAt } of this.#members.values())
      if (announcement.left !== true && now - renewedAt < announcement.ttlMs) present.push(announcement);
    return present.sort((a, b) => (a.address < b.address ? -1 : 1));
  }
}
