import type { CsrMatrix } from '../data/features.ts';
import type { PreparedDesign } from './design.ts';
import { KernelMemory } from './kernel-memory.ts';

/** Products of a CSR matrix by WebAssembly, which has a copy of it: the results of `CsrDesign`, several times as fast. */
export class CompiledCsrDesign implements PreparedDesign {
  readonly rows: number;
  readonly cols: number;
  private readonly memory: KernelMemory;
  private readonly kind: 'f32' | 'f64';
  private readonly vectors: readonly [Float64Array, Float64Array, Float64Array];

  /** @param count how many weight vectors there are at once */
  constructor({ data, indices, indptr, rows, cols }: CsrMatrix, count: number) {
    this.rows = rows;
    this.cols = cols;
    this.kind = data instanceof Float32Array ? 'f32' : 'f64';
    const longest = count * Math.max(rows, cols + 1);
    this.memory = new KernelMemory([data, indices, indptr], [longest, longest, longest]);
    this.vectors = this.memory.vectors as [Float64Array, Float64Array, Float64Array];
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.vectors;
    a.set(weights);
    this.run('times', a, count, stride, c);
    out.set(c.subarray(0, out.length));
  }

  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void {
    const [a, , c] = this.vectors;
    a.set(factors);
    c.set(out);
    this.run('add_transposed', a, count, stride, c);
    out.set(c.subarray(0, out.length));
  }

  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void {
    const [a, b, c] = this.vectors;
    a.set(v);
    b.set(factors);
    c.set(out);
    this.run('add_gram', a, b, bias, this.cols, c);
    out.set(c.subarray(0, out.length));
  }

  close(): void {
    this.memory.close();
  }

  private run(name: string, ...args: readonly (number | Float64Array)[]): void {
    this.memory.run(`${name}_${this.kind}`, ...this.memory.starts, this.rows, ...args);
  }
}
