import type { CsrMatrix } from '../data/features.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { type Learning, MOST_LAG, type NativeSolver, type StepRows } from './native-solvers.ts';

/** Inputs that are taken through all of a step's work at once: their weights should fit a cache. */
const CHUNK = 512;

/**
 * The first layer of a net on sparse rows. It reads and writes the weights of those inputs only that rows of the
 * minibatch have. Others lag behind where their solver would move them, and catch up, to the bit, when they are met
 * again or asked for.
 */
export class NativeSparseLayer {
  private readonly space: Workspace;
  private readonly solver: NativeSolver;
  private readonly learning: Learning;
  private readonly inputs: number;
  private readonly units: number;
  private readonly last: Int32Array;
  private readonly gradient: Float32Array;
  private readonly marks: Int32Array;
  private readonly index: Int32Array;
  private readonly begins: Int32Array;
  private starts: Int32Array;
  private indices: Int32Array;
  private rowOf: Int32Array;
  private data: Float32Array;
  private values: Float32Array;
  private count = 0;
  private settledAt: number;

  constructor(space: Workspace, solver: NativeSolver, learning: Learning, units: number, step: number) {
    this.space = space;
    this.solver = solver;
    this.learning = learning;
    this.units = units;
    this.inputs = learning.weights.length / units;
    this.last = space.int32(this.inputs).fill(step);
    this.gradient = space.float32(CHUNK * units);
    this.marks = space.int32(this.inputs);
    this.index = space.int32(this.inputs);
    this.begins = space.int32(this.inputs + 1);
    this.starts = space.int32(0);
    this.indices = space.int32(0);
    this.rowOf = space.int32(0);
    this.data = space.float32(0);
    this.values = space.float32(0);
    this.settledAt = step;
  }

  /** out (rows x units) += X times the weights as they are after `step` steps. X is kept for `learn`. */
  addTo(X: CsrMatrix, step: number, out: Float32Array): void {
    const { f32 } = this.space;
    if (step - this.settledAt >= MOST_LAG) this.settle(step);
    this.adopt(X);
    const { starts, indices, data, marks, index, begins, rowOf, values, units } = this;
    this.count = f32.csrByColumn(X.rows, this.inputs, starts, indices, data, marks, index, begins, rowOf, values);
    for (const chunk of this.chunks()) {
      if (this.solver.drifts === 'weights') this.solver.move(chunk, step, this.learning, null);
      const own = begins.subarray(chunk.from);
      f32.cscTimes(chunk.count, units, chunk.index, own, rowOf, values, this.learning.weights, out);
    }
  }

  /** Moves the weights by the gradient that the deltas of the rows give. */
  learn(step: number, deltas: Float32Array): void {
    const { begins, rowOf, values, units, gradient } = this;
    for (const chunk of this.chunks()) {
      const own = begins.subarray(chunk.from);
      this.space.f32.csrTimes(chunk.count, units, own, rowOf, values, deltas, gradient, false);
      this.solver.move(chunk, step, this.learning, gradient);
    }
  }

  /** Brings all weights up to a step. */
  settle(step: number): void {
    const { inputs, units, last } = this;
    if (this.solver.drifts !== 'nothing')
      this.solver.move({ count: inputs, width: units, index: null, last }, step, this.learning, null);
    this.settledAt = step;
  }

  private *chunks(): Iterable<StepRows & { readonly from: number; readonly index: Int32Array }> {
    const { index, last, units: width } = this;
    for (let from = 0; from < this.count; from += CHUNK) {
      const count = Math.min(CHUNK, this.count - from);
      yield { from, count, width, index: index.subarray(from, from + count), last };
    }
  }

  /** Copies the rows, into arrays that grow by halves. */
  private adopt({ data, indices, indptr, rows }: CsrMatrix): void {
    const { space } = this;
    if (this.starts.length <= rows) this.starts = space.int32(rows + 1);
    if (this.data.length < data.length) {
      const room = Math.ceil(data.length * 1.5);
      [this.indices, this.rowOf] = [space.int32(room), space.int32(room)];
      [this.data, this.values] = [space.float32(room), space.float32(room)];
    }
    this.starts.set(indptr);
    this.indices.set(indices);
    this.data.set(data);
  }
}
