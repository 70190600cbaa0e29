import { randomUUID } from 'node:crypto';
import { type Announcement, signAnnouncement } from './announcement.ts';
import type { RegistryToken } from './registry.ts';
import { RegistryLine, registryNames } from './registry-line.ts';

export interface AnnouncerOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  /** Each token of the cluster gets a signed entry of its own. */
  readonly tokens: () => readonly RegistryToken[];
  /** What is announced now: slots and labels may change. */
  readonly daemon: () => Pick<Announcement, 'address' | 'slots' | 'labels' | 'serverName'>;
  /** Milliseconds for which an announcement holds; 10,000 where it is left out. It is renewed three times as often. */
  readonly ttlMs?: number;
  /** Hears when the registry cannot be reached, and undefined when it can, at first and again. */
  readonly onProblem?: (problem: Error | undefined) => void;
}

/** Keeps a daemon announced in Redis, until `leave`. A registry that comes back hears of it within a third of the time to live. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #ttlMs: number;
  readonly #line: RegistryLine;
  readonly #instance: string = randomUUID();
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What was told last; nothing has been told yet. */
  #told: string | undefined | null = null;
  #left = false;
  #busy: Promise<void>;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#ttlMs = options.ttlMs ?? 10_000;
    this.#line = new RegistryLine(options.url);
    this.#busy = this.#renew();
  }

  /** Says that the daemon leaves; clients that look drop it at once. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#timer);
    await this.#busy;
    clearTimeout(this.#timer);
    await this.#announce(true).catch(() => undefined); // its time to live says it later
    this.#line.close();
  }

  async #renew(): Promise<void> {
    let problem: Error | undefined;
    try {
      await this.#announce(this.#left);
    } catch (error) {
      problem = error as Error;
    }
    if (problem?.message !== this.#told) this.#options.onProblem?.(problem);
    this.#told = problem?.message;
    if (this.#left) return;
    this.#timer = setTimeout(() => {
      this.#busy = this.#renew();
    }, this.#ttlMs / 3).unref();
  }

  async #announce(left: boolean): Promise<void> {
    this.#number += 1;
    const announcement: Announcement = {
      ...this.#options.daemon(),
      instance: this.#instance,
      number: this.#number,
      at: Date.now(),
      ttlMs: this.#ttlMs,
      ...(left && { left }),
    };
    await this.#line.run(async (client) => {
      for (const token of this.#options.tokens()) {
        const { index, entry } = registryNames(token.id);
        const { address } = announcement;
        const answers = await client
          .multi()
          .set(entry(address), signAnnouncement(announcement, token), 'PX', this.#ttlMs)
          .sadd(index, address)
          .exec();
        for (const [error] of answers ?? []) if (error !== null) throw error;
      }
    });
  }
}
