import { renameSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { StoreError } from '../errors.ts';
import { Listeners, type StoreEvent } from '../events.ts';
import { encodeFrame } from '../frame.ts';
import { checkKey } from '../key.ts';
import { closedError } from '../memory-store.ts';
import type {
  Entry,
  EntryInfo,
  GetOptions,
  Lease,
  LeaseOptions,
  ListOptions,
  OperationOptions,
  Payload,
  PutOptions,
  PutResult,
  ReadOptions,
  Store,
  StoreCapabilities,
} from '../store.ts';
import { TouchBatch } from '../touch-batch.ts';
import { FileClock } from './clock.ts';
import { diskError, hasCode } from './disk-errors.ts';
import { Layout } from './layout.ts';
import { DiskLeases } from './leases.ts';
import { listEntries } from './list.ts';
import { makeFolder } from './make-folder.ts';
import { type Publication, publish, publishSync } from './publish.ts';
import { DamagedFile, type Identity, type Known, readEntry, readEntrySync } from './read.ts';
import { sweep } from './sweep.ts';
import { setAccessTimes } from './touches.ts';

export interface DiskStoreOptions {
  /** Entries are on the device when `put` settles, and survive a loss of power. Default false: what a loss of power damages is noticed by its checksum. */
  readonly fsync?: boolean;
  /**
   * When the checksum of an entry above 64 KiB is computed: `'always'`, or, by default, `'changed'`: at the first reading by
   * this process, and whenever the file's number, size or modification time has changed since. Smaller ones always are.
   */
  readonly verify?: 'always' | 'changed';
}

const SLICE = 256;
const VERIFIED = 10_000;

/**
 * A store in a folder, for any number of processes, and hosts where the folder is shared. One file an entry, never
 * changed once it is there; published by rename or link, so that no reader sees part of one. Opening it reads nothing.
 * The folder is made by the first `put`; a relative path is made absolute now.
 */
export function diskStore(folder: string, options: DiskStoreOptions = {}): Store {
  const { verify = 'changed' } = options;
  if (verify !== 'always' && verify !== 'changed')
    throw new StoreError(
      'ERR_STORE_LOCATION',
      'disk',
      `verify is ${JSON.stringify(verify)}. It must be 'always' or 'changed'.`,
    );
  return new DiskStore(resolve(folder), options.fsync ?? false, verify);
}

class DiskStore implements Store {
  readonly name: string;
  readonly location: string;
  #capabilities: StoreCapabilities = {
    sharedBy: 'host',
    sync: true,
    createIfAbsent: true,
    leases: true,
    accessTimes: true,
    maxValueBytes: Number.MAX_SAFE_INTEGER,
  };
  readonly #layout: Layout;
  readonly #clock: FileClock;
  readonly #leases: DiskLeases;
  readonly #touches: TouchBatch;
  readonly #listeners = new Listeners();
  readonly #known: Known;
  readonly #fsync: boolean;
  readonly #own = `${process.pid.toString(36)}-${Math.random().toString(36).slice(2)}`;
  #sweeping: Promise<void> | undefined;
  #written = 0;
  #closed = false;

  constructor(root: string, fsync: boolean, verify: 'always' | 'changed') {
    this.name = `disk ${root}`;
    const url = pathToFileURL(root);
    if (fsync) url.searchParams.set('fsync', 'true');
    if (verify === 'always') url.searchParams.set('verify', verify);
    this.location = url.href;
    this.#fsync = fsync;
    this.#known = { verified: verify === 'changed' ? new VerifiedFiles() : undefined, trusted: false, missed: true };
    this.#layout = new Layout(root);
    this.#clock = new FileClock(this.#layout);
    this.#touches = new TouchBatch(
      (keys) => setAccessTimes(this.#layout, this.#clock, keys),
      (error) => this.#fault('touch', error),
    );
    this.#leases = new DiskLeases(
      this.#layout,
      this.#clock,
      (key) => this.#listeners.tell({ type: 'leaseLost', store: this.name, key }),
      (message) => this.#fault('renewal of leases', new Error(message)),
    );
  }

  get capabilities(): StoreCapabilities {
    return this.#capabilities;
  }

  async get(key: string, options: GetOptions = {}): Promise<Entry | undefined> {
    options.signal?.throwIfAborted();
    this.#check(key);
    try {
      return await readEntry(this.#layout.entry(key), key, options, this.#known);
    } catch (error) {
      return this.#unreadable(key, error, options.signal);
    }
  }

  getSync(key: string, options: ReadOptions = {}): Entry | undefined {
    this.#check(key);
    try {
      return readEntrySync(this.#layout.entry(key), key, options, this.#known);
    } catch (error) {
      return this.#unreadable(key, error, undefined);
    }
  }

  async put(key: string, payload: Payload, options: PutOptions = {}): Promise<PutResult> {
    options.signal?.throwIfAborted();
    const publication = this.#publication(key, payload, options);
    try {
      return await publish(publication);
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      throw diskError(error, this.name, `put of ${key}`, true);
    }
  }

  putSync(key: string, payload: Payload, options: { readonly ifAbsent?: boolean } = {}): PutResult {
    const publication = this.#publication(key, payload, options);
    try {
      return publishSync(publication);
    } catch (error) {
      throw diskError(error, this.name, `put of ${key}`, true);
    }
  }

  async delete(keys: Iterable<string>, options: OperationOptions = {}): Promise<number> {
    this.#check();
    options.signal?.throwIfAborted();
    const folders = new Set<string>();
    let seen = 0;
    let count = 0;
    for (const key of keys) {
      this.#check(key);
      if (this.#remove(key)) {
        count += 1;
        folders.add(this.#layout.folderOf(key));
      }
      seen += 1;
      if (seen % SLICE === 0) {
        await turn();
        options.signal?.throwIfAborted();
      }
    }
    for (const folder of folders) this.#removeEmpty(folder);
    return count;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    options.signal?.throwIfAborted();
    await this.#touches.flush();
    try {
      yield* listEntries(this.#layout, options.prefix ?? '', options.signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      throw diskError(error, this.name, 'list', false);
    }
  }

  touch(key: string): void {
    if (!this.#closed) this.#touches.add(key);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | undefined> {
    options.signal?.throwIfAborted();
    this.#check(key);
    try {
      return this.#leases.take(key, Math.max(options.ttlMs, 1_000));
    } catch (error) {
      throw diskError(error, this.name, `lease of ${key}`, true);
    }
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#touches.flush();
    await this.#leases.close();
    await this.#sweeping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #publication(key: string, payload: Payload, options: PutOptions): Publication {
    this.#check(key);
    this.#sweeping ??= sweep(this.#layout, this.#clock).catch(() => undefined);
    this.#written += 1;
    return {
      tmp: `${this.#layout.tmp}/${this.#own}-${this.#written}`,
      path: this.#layout.entry(key),
      frame: encodeFrame(key, payload, Date.now()),
      ifAbsent: options.ifAbsent ?? false,
      fsync: this.#fsync,
      signal: options.signal,
      onNoLinks: () => this.#noLinks(),
    };
  }

  /** A damaged entry is moved aside and is none; anything else is an error. */
  #unreadable(key: string, error: unknown, signal: AbortSignal | undefined): undefined {
    if (error instanceof DamagedFile) {
      this.#setAside(key, error);
      return undefined;
    }
    if (signal?.aborted === true || error instanceof StoreError) throw error;
    throw diskError(error, this.name, `get of ${key}`, false);
  }

  #setAside(key: string, { ino, message: detail }: DamagedFile): void {
    const path = this.#layout.entry(key);
    this.#written += 1;
    const aside = `${this.#layout.quarantine}/${path.slice(path.lastIndexOf('/') + 1)}-${this.#own}-${this.#written}`;
    let moved = false;
    try {
      if (statSync(path).ino === ino) {
        makeFolder(this.#layout.quarantine);
        renameSync(path, aside);
        moved = true;
      }
    } catch (error) {
      // a read-only place, or another reader was first; the entry is told as damaged and is none either way
      if (!hasCode(error, 'ENOENT')) this.#fault(`setting ${key} aside`, error as Error);
    }
    this.#listeners.tell({ type: 'corrupt', store: this.name, key, detail, ...(moved ? { movedTo: aside } : {}) });
  }

  #remove(key: string): boolean {
    try {
      unlinkSync(this.#layout.entry(key));
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw diskError(error, this.name, `delete of ${key}`, true);
    }
  }

  #removeEmpty(folder: string): void {
    try {
      for (let at = folder; at.length > this.#layout.entries.length; at = dirname(at)) rmdirSync(at);
    } catch {
      // not empty
    }
  }

  #noLinks(): void {
    if (!this.#capabilities.createIfAbsent) return;
    this.#capabilities = { ...this.#capabilities, createIfAbsent: false };
    this.#listeners.tell({
      type: 'degraded',
      store: this.name,
      capability: 'createIfAbsent',
      detail: 'the file system has no hard links: of several who create an entry at once, the last one counts',
    });
  }

  #fault(operation: string, error: Error): void {
    this.#listeners.tell({ type: 'fault', store: this.name, operation, error });
  }

  #check(key?: string): void {
    if (this.#closed) throw closedError(this.name);
    if (key !== undefined) checkKey(key, this.name);
  }
}

/** Forgets all when it is full: what is forgotten is summed once more. */
class VerifiedFiles extends Map<string, Identity> {
  override set(key: string, { ino, size, mtimeMs }: Identity): this {
    if (this.size >= VERIFIED) this.clear();
    return super.set(key, { ino, size, mtimeMs });
  }
}
