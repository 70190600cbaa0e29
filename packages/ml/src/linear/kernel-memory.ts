import { WasmArena } from '../numerics/wasm-arena.ts';
import { numericsStatus } from '../numerics/workspace.ts';

/** Beyond it, a copy of the data is too much. */
const MOST_BYTES = 2 ** 30;

type Part = Float64Array | Float32Array | Int32Array;

/** Whether data of so many bytes may be copied to kernels of WebAssembly: not with `JOBLOOM_NUMERICS=plain` or `--jitless`. */
export function hasKernels(bytes: number): boolean {
  return bytes < MOST_BYTES && numericsStatus().kernels === 'wasm';
}

/** Kernels of WebAssembly, and memory of theirs with arrays in it. */
export class KernelMemory {
  /** Where the parts are. */
  readonly starts: readonly number[];
  /** Vectors of doubles for what goes in and out. */
  readonly vectors: readonly Float64Array[];
  readonly #arena: WasmArena = WasmArena.take();

  /**
   * @param parts arrays that are copied there
   * @param lengths of the vectors
   */
  constructor(parts: readonly Part[], lengths: readonly number[]) {
    const arena = this.#arena;
    this.starts = parts.map((part) => {
      const copy = arena.make<Part>(part.constructor as Float64ArrayConstructor, part.length, true);
      copy.set(part);
      return arena.addressOf(copy);
    });
    this.vectors = lengths.map((length) => arena.make(Float64Array, length));
  }

  /** Runs a kernel; of vectors it gets where they are. */
  run(name: string, ...args: readonly (number | Float64Array)[]): void {
    const kernel = this.#arena.exports[name] as (...args: readonly number[]) => number;
    kernel(...args.map((arg) => (typeof arg === 'number' ? arg : this.#arena.addressOf(arg))));
  }

  /** Gives the memory back: it must not be used afterwards. */
  close(): void {
    this.#arena.release();
  }
}
