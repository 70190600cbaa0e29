import { type WasmInstance, wasmInstance } from './wasm-module.ts';

type Arrays = Float64ArrayConstructor | Float32ArrayConstructor | Int32ArrayConstructor;
type Made = Float64Array | Float32Array | Int32Array;

/** As native/kernels.c has it: what is below belongs to the kernels. */
const HEAP = 512 * 1024;
const PAGE = 65_536;
const ALIGNMENT = 64;
/** A memory that grew beyond this is not kept for another fit, for it never shrinks. */
const MOST_KEPT = 64 * 1024 * 1024;
const resting: WasmArena[] = [];

/** The memory of an instance of the kernels: arrays are made one after the other, and given up all at once. */
export class WasmArena {
  readonly exports: WasmInstance['exports'];
  private readonly memory: WasmInstance['memory'];
  private readonly buffers = new WeakSet<ArrayBufferLike>();
  private buffer: SharedArrayBuffer;
  /** As large, and never touched, so that it takes no memory: V8 counts it, and so collects in time what it does not count. */
  ballast: ArrayBuffer | undefined;
  private top = HEAP;
  private used = HEAP;

  private constructor({ memory, exports }: WasmInstance) {
    this.memory = memory;
    this.exports = exports;
    this.buffer = memory.buffer;
    this.buffers.add(this.buffer);
  }

  /** One that rests, or a new one. */
  static take(): WasmArena {
    return resting.pop() ?? new WasmArena(wasmInstance(HEAP / PAGE));
  }

  during<T>(body: () => T): T {
    const { top } = this;
    try {
      return body();
    } finally {
      this.endFrom(top);
    }
  }

  /** Ends all arrays. */
  release(): void {
    this.endFrom(HEAP);
    if (resting.length < 2 && this.buffer.byteLength <= MOST_KEPT) resting.push(this);
  }

  /**
   * Zeros, or whatever is there where all of it will be overwritten.
   * @throws RangeError where 4 GB do not suffice, or the system has no more
   */
  make<A extends Made>(
    Type: Arrays & (new (buffer: SharedArrayBuffer, offset: number, length: number) => A),
    length: number,
    isOverwritten = false,
  ): A {
    const start = this.top;
    const end = start + Math.ceil((length * Type.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
    const lacking = end - this.buffer.byteLength;
    if (lacking > 0) this.grow(lacking);
    this.top = end;
    const array = new Type(this.buffer, start, length);
    return start < this.used && !isOverwritten ? (array.fill(0) as A) : array;
  }

  private endFrom(top: number): void {
    this.used = Math.max(this.used, this.top);
    this.top = top;
  }

  /** Where an array begins. */
  addressOf(array: Made): number {
    if (array.buffer !== this.buffer && !this.buffers.has(array.buffer)) {
      throw new RangeError(
        'kernels take arrays of their own workspace. Copy this one into it: space.float64(n).set(array).',
      );
    }
    return array.byteOffset;
  }

  /** Arrays that are there stay valid, with the buffer that they have. Room doubles, so that growing is rare. */
  private grow(bytes: number): void {
    const wanted = Math.ceil(bytes / PAGE);
    const spare = Math.max(wanted, Math.min(this.buffer.byteLength / PAGE, 1024));
    try {
      this.memory.grow(spare);
    } catch {
      try {
        this.memory.grow(wanted);
      } catch (cause) {
        throw new RangeError(
          `a workspace of ${this.buffer.byteLength} bytes cannot grow by ${bytes}. It holds 4 GB at most. Use smaller batches, or fewer rows or columns.`,
          { cause },
        );
      }
    }
    this.buffer = this.memory.buffer;
    this.buffers.add(this.buffer);
    this.ballast = new ArrayBuffer(this.buffer.byteLength);
  }
}
