import { PRODUCT_KERNELS } from './product-kernels.ts';

/** Bytes that the kernels have for themselves, at the start of their memory. */
const OWN = 1 << 17;
const PAGE = 1 << 16;
/** Beyond it, a copy of the data is too much. */
const MOST_BYTES = 2 ** 30;

type Kernels = Readonly<Record<string, (...args: readonly number[]) => void>>;

/** What is used of WebAssembly. */
interface Assembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const assembly = (globalThis as { readonly WebAssembly?: Assembly }).WebAssembly;
let compiled: object | undefined;

/** Whether data of so many bytes may be copied to kernels. Node has none of them with `--jitless`. */
export function hasKernels(bytes: number): boolean {
  return assembly !== undefined && bytes < MOST_BYTES;
}

/** Kernels of WebAssembly, and a memory of their own with arrays in it. */
export class KernelMemory {
  readonly kernels: Kernels;
  /** Where the parts are. */
  readonly starts: readonly number[];
  /** Where there is room for vectors. */
  readonly vectors: readonly number[];
  readonly #buffer: ArrayBuffer;

  /**
   * @param parts arrays that are copied there
   * @param vectors lengths of vectors of doubles that will be
   */
  constructor(parts: readonly ArrayBufferView[], vectors: readonly number[]) {
    if (assembly === undefined) throw new TypeError('there is no WebAssembly here');
    let end = OWN;
    const reserve = (bytes: number): number => {
      const start = end;
      end += (bytes + 7) & ~7;
      return start;
    };
    this.starts = parts.map(({ byteLength }) => reserve(byteLength));
    this.vectors = vectors.map((length) => reserve(length * Float64Array.BYTES_PER_ELEMENT));
    const memory = new assembly.Memory({ initial: Math.ceil(end / PAGE) });
    compiled ??= new assembly.Module(Buffer.from(PRODUCT_KERNELS, 'base64'));
    this.kernels = new assembly.Instance(compiled, { env: { memory } }).exports as Kernels;
    this.#buffer = memory.buffer;
    for (const [i, { buffer, byteOffset, byteLength }] of parts.entries())
      new Uint8Array(this.#buffer, this.starts[i], byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
  }

  put(values: Float64Array, at: number): void {
    new Float64Array(this.#buffer, at, values.length).set(values);
  }

  get(values: Float64Array, at: number): void {
    values.set(new Float64Array(this.#buffer, at, values.length));
  }
}
