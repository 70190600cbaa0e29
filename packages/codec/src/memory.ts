import { UnserializableError } from './errors.ts';
import type { Borrow, Borrowed } from './frame.ts';
import type { MemoryListener } from './plain.ts';
import { elementSize } from './views.ts';

/** Shorter stretches travel inside the head: a buffer of its own costs every channel more than the copy. */
const INLINE_BYTES = 4 * 1024;

/** Only buffers from Node's pool have neighbours that are strangers. Node 26 makes it larger than it says. */
function isPool({ byteLength }: ArrayBufferLike): boolean {
  return byteLength === Buffer.poolSize || byteLength === POOL_BYTES;
}

const POOL_BYTES: number = Buffer.from('pool').buffer.byteLength;

interface Stretch {
  start: number;
  end: number;
  index: number;
}

/**
 * The memory that a frame carries: the used stretches of every backing buffer, each once,
 * so that views of one buffer go on sharing it and nothing beside them leaves.
 */
export class MemoryWriter implements MemoryListener {
  readonly #stretches = new Map<ArrayBufferLike, Stretch[]>();
  readonly #whole = new Set<ArrayBufferLike>();
  readonly shared: SharedArrayBuffer[] = [];
  readonly #allowShared: boolean;
  readonly #borrow: Borrow | undefined;

  constructor(allowShared: boolean, borrow?: Borrow) {
    this.#allowShared = allowShared;
    this.#borrow = borrow;
  }

  get empty(): boolean {
    return this.#stretches.size === 0 && this.shared.length === 0;
  }

  view(view: ArrayBufferView): void {
    const { buffer } = view;
    if (!this.#isOwned(buffer)) return;
    const stretch = { start: view.byteOffset, end: view.byteOffset + view.byteLength, index: -1 };
    const known = this.#stretches.get(buffer);
    if (known === undefined) this.#stretches.set(buffer, [stretch]);
    else known.push(stretch);
    if (known !== undefined && !(Buffer.isBuffer(view) && isPool(buffer))) this.#join(buffer, elementSize(view));
  }

  /** Takes a whole buffer; false when it needs more than v8's format. */
  memory(buffer: ArrayBufferLike): boolean {
    if (buffer instanceof SharedArrayBuffer || (buffer as { resizable?: boolean }).resizable) return false;
    if (this.#isOwned(buffer)) {
      this.#whole.add(buffer);
      this.#stretches.set(buffer, [{ start: 0, end: buffer.byteLength, index: -1 }]);
    }
    return true;
  }

  /** False for shared memory, which is noted and not copied. */
  #isOwned(buffer: ArrayBufferLike): boolean {
    if (!(buffer instanceof SharedArrayBuffer)) return !this.#whole.has(buffer);
    if (!this.#allowShared && this.#borrow?.(buffer, 0) === 'whole') return true;
    if (!this.shared.includes(buffer)) this.shared.push(buffer);
    return false;
  }

  #join(buffer: ArrayBufferLike, alignment: number): void {
    const known = this.#stretches.get(buffer) as Stretch[];
    const start = Math.min(...known.map((stretch) => stretch.start));
    const end = Math.max(...known.map((stretch) => stretch.end));
    this.#stretches.set(buffer, [{ start: start - (start % Math.max(8, alignment)), end, index: -1 }]);
  }

  /** @throws UnserializableError for shared memory where the channel cannot carry it, and for memory that was given away */
  check(trail: () => readonly string[]): void {
    for (const buffer of this.#stretches.keys()) {
      if (this.#borrow?.(buffer, 0) !== 'gone') continue;
      throw new UnserializableError(
        trail(),
        'memory in it was moved to a task before',
        'Move each buffer once, or send it without move(): then it is copied',
      );
    }
    if (this.shared.length === 0 || this.#allowShared) return;
    throw new UnserializableError(
      trail(),
      'a SharedArrayBuffer cannot leave the process',
      "Use backend 'threads', or copy it: new Uint8Array(shared).slice()",
    );
  }

  /** Copies what is used. After this, `place` knows where each view is. */
  copy(): {
    readonly inline: Uint8Array[];
    readonly apart: Uint8Array<ArrayBuffer>[];
    readonly borrowed: readonly Borrowed[];
  } {
    const inline: Uint8Array[] = [];
    const apart: Uint8Array<ArrayBuffer>[] = [];
    const borrowed: Borrowed[] = [];
    const small: Stretch[] = [];
    for (const [buffer, stretches] of this.#stretches) {
      const isWhole = this.#borrow?.(buffer, 0) === 'whole';
      const merged = isWhole ? [{ start: 0, end: buffer.byteLength, index: -1 }] : merge(stretches);
      this.#stretches.set(buffer, merged);
      for (const stretch of merged) {
        const size = stretch.end - stretch.start;
        if (isWhole || this.#borrow?.(buffer, size) === 'used') {
          stretch.index = apart.length;
          borrowed.push({ at: apart.length, asBuffer: this.#whole.has(buffer) });
          apart.push(new Uint8Array(buffer as ArrayBuffer, stretch.start, size));
        } else if (size <= INLINE_BYTES) {
          small.push(stretch);
          inline.push(new Uint8Array(buffer, stretch.start, size));
        } else {
          stretch.index = apart.length;
          apart.push(new Uint8Array(new Uint8Array(buffer, stretch.start, size))); // slice() would ask for its constructor
        }
      }
    }
    for (const [at, stretch] of small.entries()) stretch.index = apart.length + at;
    return { inline, apart, borrowed };
  }

  /** Number of the memory in which a stretch of a buffer travels, and the offset there. Shared memory has negative numbers. */
  place(buffer: ArrayBufferLike, start: number, length: number): [index: number, offset: number] {
    const stretches = this.#stretches.get(buffer);
    if (stretches === undefined && buffer instanceof SharedArrayBuffer)
      return [-1 - this.shared.indexOf(buffer), start];
    const found = stretches?.find((stretch) => stretch.start <= start && start + length <= stretch.end);
    if (found === undefined) throw new Error('memory that the scan did not see');
    return [found.index, start - found.start];
  }

  /** Buffers that travel as values themselves, with the number of their memory. */
  *whole(): Generator<[ArrayBuffer, number]> {
    for (const buffer of this.#whole) yield [buffer as ArrayBuffer, this.#stretches.get(buffer)?.[0]?.index as number];
  }
}

/** Stretches that overlap become one. */
function merge(stretches: Stretch[]): Stretch[] {
  if (stretches.length === 1) return stretches;
  const merged: Stretch[] = [];
  for (const stretch of stretches.sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1);
    if (last !== undefined && stretch.start < last.end) last.end = Math.max(last.end, stretch.end);
    else if (last === undefined || stretch.end > stretch.start || stretch.start > last.end) merged.push({ ...stretch });
  }
  return merged;
}
