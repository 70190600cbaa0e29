import type { CsrMatrix } from '../data/features.ts';
import type { Design } from './design.ts';
import { KernelMemory } from './kernel-memory.ts';

/** Products of a CSR matrix by WebAssembly, which has a copy of it: the results of `CsrDesign`, several times as fast. */
export class CompiledCsrDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  private readonly memory: KernelMemory;
  private readonly kind: 'f32' | 'f64';
  private readonly places: readonly [number, number, number];

  /** @param count how many weight vectors there are at once */
  constructor({ data, indices, indptr, rows, cols }: CsrMatrix, count: number) {
    this.rows = rows;
    this.cols = cols;
    this.kind = data instanceof Float32Array ? 'f32' : 'f64';
    const longest = count * Math.max(rows, cols + 1);
    this.memory = new KernelMemory([data, indices, indptr], [longest, longest, longest]);
    this.places = this.memory.vectors as [number, number, number];
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.places;
    this.memory.put(weights, a);
    this.run('times', a, count, stride, c);
    this.memory.get(out, c);
  }

  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.places;
    this.memory.put(factors, a);
    this.memory.put(out, c);
    this.run('add_transposed', a, count, stride, c);
    this.memory.get(out, c);
  }

  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void {
    const [a, b, c] = this.places;
    this.memory.put(v, a);
    this.memory.put(factors, b);
    this.memory.put(out, c);
    this.run('add_gram', a, b, bias, this.cols, c);
    this.memory.get(out, c);
  }

  private run(name: string, ...args: readonly number[]): void {
    this.memory.kernels[`${name}_${this.kind}`]?.(...this.memory.starts, this.rows, ...args);
  }
}
