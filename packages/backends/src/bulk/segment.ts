import { closeSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the bytes of a segment are found by whoever may see them. */
export type Locator = { readonly path: string } | { readonly memory: SharedArrayBuffer };

/** A stretch of memory outside of the heap that others can read. It is written again and again: fresh memory costs more than a copy. */
export interface Segment {
  readonly capacity: number;
  readonly locator: Locator;
  /** Takes the place of what was in it. @throws when there is no room */
  write(bytes: Uint8Array): void;
  /** A piece of a content that is written bit by bit, for who knows that nobody reads it yet. @throws when there is no room */
  writeAt(bytes: Uint8Array, at: number): void;
  /** The first bytes are these. */
  equals(bytes: Uint8Array): boolean;
  read(length: number): Uint8Array<ArrayBuffer>;
  /** The first bytes where they are, until something else is written there; only where that needs no copy. */
  view?(length: number): Uint8Array<ArrayBuffer>;
  destroy(): void;
}

/** For threads of this process. */
export class SharedSegment implements Segment {
  readonly capacity: number;
  readonly locator: { readonly memory: SharedArrayBuffer };

  constructor(capacity: number) {
    this.capacity = capacity;
    this.locator = { memory: new SharedArrayBuffer(capacity) };
  }

  write(bytes: Uint8Array): void {
    new Uint8Array(this.locator.memory).set(bytes);
  }

  writeAt(bytes: Uint8Array, at: number): void {
    new Uint8Array(this.locator.memory, at).set(bytes);
  }

  equals(bytes: Uint8Array): boolean {
    return Buffer.from(this.locator.memory, 0, bytes.byteLength).equals(bytes);
  }

  read(length: number): Uint8Array<ArrayBuffer> {
    return copyOf(new Uint8Array(this.locator.memory, 0, length));
  }

  destroy(): void {
    // the collector's
  }
}

/** Bytes that are compared at a time: they stay in the cache. */
const WINDOW = 256 * 1024;
let window: Buffer | undefined;
let lastFile = 0;

/** A file, for other processes. It has a new name for each content, so that nobody reads another content by an old name. */
export class FileSegment implements Segment {
  readonly capacity: number;
  readonly #folder: string;
  readonly #file: number;
  #path: string;

  constructor(folder: string, capacity: number) {
    this.capacity = capacity;
    this.#folder = folder;
    this.#path = this.#next();
    this.#file = openSync(this.#path, 'wx+', 0o600);
  }

  get locator(): { readonly path: string } {
    return { path: this.#path };
  }

  get place(): string {
    return dirname(this.#folder);
  }

  write(bytes: Uint8Array): void {
    const path = this.#next();
    renameSync(this.#path, path);
    this.#path = path;
    this.writeAt(bytes, 0);
  }

  writeAt(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.byteLength; )
      done += writeSync(this.#file, bytes, done, Math.min(LARGEST, bytes.byteLength - done), at + done);
  }

  equals(bytes: Uint8Array): boolean {
    window ??= Buffer.allocUnsafeSlow(WINDOW);
    for (let at = 0; at < bytes.byteLength; at += WINDOW) {
      const size = Math.min(WINDOW, bytes.byteLength - at);
      if (readSync(this.#file, window, 0, size, at) !== size) return false;
      if (window.compare(bytes, at, at + size, 0, size) !== 0) return false;
    }
    return true;
  }

  read(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    fill(this.#file, bytes);
    return bytes;
  }

  destroy(): void {
    closeSync(this.#file);
    try {
      unlinkSync(this.#path);
    } catch {
      // gone with its folder
    }
  }

  #next(): string {
    lastFile += 1;
    return join(this.#folder, String(lastFile));
  }
}

/** The most that one call to the system takes. */
export const LARGEST: number = 2 ** 30;

/** Reads the beginning of a file into all of `bytes`. @throws when it is shorter */
export function fill(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    const got = readSync(file, bytes, at, Math.min(LARGEST, bytes.byteLength - at), at);
    if (got === 0) throw new Error('a file of bulk data ended early');
    at += got;
  }
}

/** Memory of its own with the same bytes. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
