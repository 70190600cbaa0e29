import { randomUUID } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { atExit } from '../lease/at-exit.ts';
import { Keeper } from '../lease/keeper.ts';
import type { Lease } from '../store.ts';
import type { FileClock } from './clock.ts';
import { hasCode } from './disk-errors.ts';
import type { Layout } from './layout.ts';
import { makeFolder } from './make-folder.ts';

/** A lease or a takeover whose writer did not come to its end is dead after this. */
const HALF_WRITTEN_MS = 5_000;

/**
 * Leases as files that are created exclusively. A lease's file names its holder; the holder's file is written by the
 * helper thread as a heartbeat, one for all leases of a process. A lease is free when its holder's file is gone, or
 * was last written longer ago than the lease's time, by the file system's clock.
 */
export class DiskLeases {
  readonly #layout: Layout;
  readonly #clock: FileClock;
  readonly #keeper: Keeper;
  readonly #holder: string = randomUUID();
  readonly #held = new Map<
    string,
    { readonly path: string; readonly since: number; readonly ttlMs: number; readonly key: string }
  >();
  readonly #onLost: (key: string) => void;
  #stayUntilExit: (() => void) | undefined;
  #beat: { readonly id: number; readonly ttlMs: number; writtenAt: number } | undefined;

  constructor(layout: Layout, clock: FileClock, onLost: (key: string) => void, onFault: (message: string) => void) {
    this.#layout = layout;
    this.#clock = clock;
    this.#onLost = onLost;
    this.#keeper = new Keeper(new URL('./renewer.js', import.meta.url), undefined, {
      onFault,
      onLost: () => {
        this.#beat = undefined; // somebody removed the heartbeat's file; the next lease writes it again
        for (const { key } of this.#held.values()) onLost(key);
      },
    });
  }

  /** Throws what the file system throws. */
  take(key: string, ttlMs: number): Lease | undefined {
    this.#keepAlive(ttlMs);
    const path = this.#layout.lease(key);
    const token = randomUUID();
    const text = `${this.#holder} ${token} ${ttlMs}\n`;
    if (!create(path, text) && !this.#takeOver(path, text)) return undefined;
    this.#held.set(token, { path, since: performance.now(), ttlMs, key });
    const release = async (): Promise<void> => this.#release(token);
    return { token, isHeld: async () => this.#isHeld(token), release, [Symbol.asyncDispose]: release };
  }

  async close(): Promise<void> {
    for (const token of [...this.#held.keys()]) this.#release(token);
    this.#stayUntilExit?.();
    await this.#keeper.close();
    this.#forget();
  }

  #keepAlive(ttlMs: number): void {
    const file = `${this.#layout.holders}/${this.#holder}`;
    if (this.#beat !== undefined && performance.now() - this.#beat.writtenAt > ttlMs / 3) {
      writeFileSync(file, '\n'); // a lease begins fresh, wherever the helper thread is
      this.#beat.writtenAt = performance.now();
    }
    if (this.#beat !== undefined && this.#beat.ttlMs <= ttlMs) return;
    if (this.#beat === undefined) {
      makeFolder(this.#layout.holders);
      makeFolder(this.#layout.tmp);
      writeFileSync(file, '\n');
      this.#stayUntilExit ??= atExit(this.#forget);
    } else {
      void this.#keeper.drop(this.#beat.id);
    }
    this.#beat = {
      id: this.#keeper.keep({ key: file, token: this.#holder, ttlMs }),
      ttlMs,
      writtenAt: performance.now(),
    };
  }

  /** Leases of this process are free at once when it ends in good order. */
  readonly #forget = (): void => {
    if (this.#beat !== undefined) rmSync(`${this.#layout.holders}/${this.#holder}`, { force: true });
    this.#beat = undefined;
  };

  /** Takes the place of a dead lease. Takeovers exclude each other by a file of their own, so that none removes a lease that has just begun. */
  #takeOver(path: string, text: string): boolean {
    const before = readText(path);
    if (before === undefined) return create(path, text);
    if (this.#isAlive(path, before)) return false;
    return this.#exclusively(path, () => {
      const now = readText(path);
      if (now === undefined) return create(path, text);
      if (now !== before || this.#isAlive(path, now)) return false;
      const tmp = `${this.#layout.tmp}/lease-${randomUUID()}`;
      writeFileSync(tmp, text, { flag: 'wx' });
      renameSync(tmp, path);
      return true;
    });
  }

  #exclusively(path: string, work: () => boolean): boolean {
    const lock = `${path}.takeover`;
    if (!create(lock, '\n')) {
      if (this.#age(lock) > HALF_WRITTEN_MS) rmSync(lock, { force: true });
      return false;
    }
    try {
      return work();
    } finally {
      rmSync(lock, { force: true });
    }
  }

  #isAlive(path: string, text: string): boolean {
    const [, holder, ttlMs] = /^(\S+) \S+ (\d+)\n$/.exec(text) ?? [];
    if (holder === undefined) return this.#age(path) <= HALF_WRITTEN_MS;
    return this.#age(`${this.#layout.holders}/${holder}`) <= Number(ttlMs);
  }

  /** How long ago a file was written; infinite when it is gone. */
  #age(path: string): number {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - stat.mtimeMs;
  }

  #isHeld(token: string): boolean {
    const lease = this.#held.get(token);
    if (lease === undefined) return false;
    if (readText(lease.path)?.includes(token) === true) return true;
    this.#held.delete(token);
    this.#onLost(lease.key);
    return false;
  }

  #release(token: string): void {
    const lease = this.#held.get(token);
    if (lease === undefined) return;
    this.#held.delete(token);
    if (performance.now() - lease.since < lease.ttlMs) {
      rmSync(lease.path, { force: true }); // too young to have been taken over
      return;
    }
    const free = (): boolean => {
      const own = readText(lease.path)?.includes(token) === true;
      if (own) rmSync(lease.path, { force: true });
      return own;
    };
    if (!this.#exclusively(lease.path, free)) this.#onLost(lease.key);
  }
}

function create(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    writeSync(file, text);
    return true;
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
