/** A reference to a module that the receiver loads instead of getting its code. */
export interface ModuleRef {
  /** What to import: `node:fs`, `lodash`, `lodash/fp`. */
  readonly specifier: string;
  /** Package name and version as found by the sender; absent for `node:` modules. */
  readonly name?: string;
  readonly version?: string;
  /** File URL of the user's module that imported it: resolution starts there. */
  readonly from?: string;
  /** File URL of the module as the sender resolved it; tried where it exists. */
  readonly url?: string;
  /** Path of the module inside its package, with forward slashes. */
  readonly file?: string;
  /** With `packages: 'ship'`: identity of the package, under which receivers that lack it get it, and the module's path in there. */
  readonly shipped?: string;
  /** With `packages: 'ship'`: why the package cannot go along, as the end of a sentence about it. */
  readonly unshipped?: string;
  /** Code names it in `import()` or `require()`: it must be there, and is loaded when that runs. */
  readonly load?: 'import' | 'require';
}

/** A buffer of a frame that is the value's own memory. */
export interface Borrowed {
  /** Its place in `buffers`. */
  readonly at: number;
  /** The value holds the ArrayBuffer itself, not only views of it. */
  readonly asBuffer: boolean;
}

/**
 * What to do with memory that is about to be copied into a frame: `'used'` leaves the part that is used in its place,
 * `'whole'` all of the buffer, `'gone'` refuses it, as it was given away before; undefined copies.
 * Asked with 0 bytes first, for each buffer. Shared memory is asked for only where the channel cannot carry it.
 */
export type Borrow = (memory: ArrayBufferLike, bytes: number) => 'used' | 'whole' | 'gone' | undefined;

/**
 * One encoded value, ready for any channel. It owns its memory: what the sender
 * changes afterwards does not show in it.
 */
export interface Frame {
  /** Structure and small values; starts with the format version. */
  readonly head: Uint8Array;
  /** Bytes of typed arrays and buffers, kept apart so that no channel copies them twice. Each spans its own ArrayBuffer. */
  readonly buffers: readonly Uint8Array<ArrayBuffer>[];
  /**
   * Buffers that are no copies yet but the value's own memory, because the session's `borrow` asked for it.
   * Whoever asked puts something else in their places before any other code runs.
   */
  readonly borrowed?: readonly Borrowed[];
  /**
   * Buffers, by their places, over whose memory the value's views are made where they lie in it, instead of over a copy:
   * for a reader who keeps that memory for itself. None that is in the value as an ArrayBuffer.
   */
  readonly inPlace?: readonly number[];
  /** Shared memory, which only channels between threads can carry. */
  readonly shared: readonly SharedArrayBuffer[];
  /** Hashes of the function sources that `decode` needs: see `Session.code` and `Session.addCode`. */
  readonly codes: readonly string[];
  /** Modules that must be loaded before `decode`: see `Session.load`. */
  readonly modules: readonly ModuleRef[];
}
