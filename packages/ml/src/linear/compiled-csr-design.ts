import type { CsrMatrix } from '../data/features.ts';
import { CSR_KERNEL } from './csr-kernel-bytes.ts';
import type { Design } from './design.ts';

/** Bytes that the kernel has for itself, at the start of its memory. */
const OWN = 1 << 17;
const PAGE = 1 << 16;

type Kernel = Readonly<Record<string, (...args: readonly number[]) => void>>;

/** What is used of WebAssembly. */
interface Assembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

let compiled: object | undefined;

/** Products of a CSR matrix by WebAssembly, which has a copy of it: the results of `CsrDesign`, several times as fast. */
export class CompiledCsrDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  private readonly kernel: Kernel;
  private readonly kind: 'f32' | 'f64';
  private readonly buffer: ArrayBuffer;
  /** Where data, column numbers and row starts are, and the number of rows: what each product begins with. */
  private readonly matrix: readonly number[];
  /** Where vectors are put, each with room for the longest. */
  private readonly places: readonly [number, number, number];

  /** @param count how many weight vectors there are at once */
  constructor({ data, indices, indptr, rows, cols }: CsrMatrix, count: number) {
    this.rows = rows;
    this.cols = cols;
    this.kind = data instanceof Float32Array ? 'f32' : 'f64';
    let end = OWN;
    const reserve = (bytes: number): number => {
      const start = end;
      end += (bytes + 7) & ~7;
      return start;
    };
    const parts = [data, indices, indptr];
    const starts = parts.map(({ byteLength }) => reserve(byteLength));
    const longest = count * Math.max(rows, cols + 1) * Float64Array.BYTES_PER_ELEMENT;
    this.places = [reserve(longest), reserve(longest), reserve(longest)];
    const { Memory, Instance } = assembly();
    const memory = new Memory({ initial: Math.ceil(end / PAGE) });
    this.buffer = memory.buffer;
    this.kernel = new Instance(kernelModule(), { env: { memory } }).exports as Kernel;
    for (const [i, part] of parts.entries()) {
      const there = new Uint8Array(this.buffer, starts[i], part.byteLength);
      there.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
    this.matrix = [...starts, rows];
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.places;
    this.put(weights, a);
    this.run('times', a, count, stride, c);
    this.get(out, c, this.rows * count);
  }

  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.places;
    this.put(factors, a);
    this.put(out, c);
    this.run('add_transposed', a, count, stride, c);
    this.get(out, c);
  }

  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void {
    const [a, b, c] = this.places;
    this.put(v, a);
    this.put(factors, b);
    this.put(out, c);
    this.run('add_gram', a, b, bias, this.cols, c);
    this.get(out, c);
  }

  private run(name: string, ...args: readonly number[]): void {
    this.kernel[`${name}_${this.kind}`]?.(...this.matrix, ...args);
  }

  private put(values: Float64Array, at: number): void {
    new Float64Array(this.buffer, at, values.length).set(values);
  }

  private get(values: Float64Array, at: number, length: number = values.length): void {
    values.set(new Float64Array(this.buffer, at, length));
  }
}

function assembly(): Assembly {
  return (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly;
}

function kernelModule(): object {
  compiled ??= new (assembly().Module)(Buffer.from(CSR_KERNEL, 'base64'));
  return compiled;
}
