import { isSparse } from '../data/features.ts';
import type { Kernels } from '../numerics/kernels.ts';
import { openWorkspace, type Workspace } from '../numerics/workspace.ts';
import type { Batch, Engine, Net, NetSpec, NetState } from './engine.ts';
import { type Learning, NativeSolver } from './native-solvers.ts';
import { NativeSparseLayer } from './native-sparse-layer.ts';

/** Our own engine, on the kernels. CSR is never made dense: the first layer reads and changes what its rows touch. */
export const nativeEngine: Engine = { name: 'native', open: (spec, state) => new NativeNet(spec, state) };

/** Arrays for minibatches of up to so many rows. */
interface Room {
  readonly rows: number;
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  /** Of each layer: its values before dropout, then after it, and the gradient of its sums. */
  readonly values: readonly Float32Array[];
  readonly kept: readonly Float32Array[];
  readonly deltas: readonly Float32Array[];
}

class NativeNet implements Net {
  private readonly spec: NetSpec;
  private readonly space: Workspace;
  private readonly kernels: Kernels<Float32Array>;
  private readonly solver: NativeSolver;
  /** All weights and biases, in the order of layers, end to end; and their parts. */
  private readonly all: Learning;
  private readonly gradient: Float32Array;
  private readonly ends: readonly number[];
  private sparse: NativeSparseLayer | undefined;
  private room: Room | undefined;
  private dense: Float32Array;
  private steps: number;
  private loss = 0;

  constructor(spec: NetSpec, { weights, slots, steps }: NetState) {
    this.spec = spec;
    this.steps = steps;
    const numbers = [...weights, ...slots, ...weights].reduce((sum, each) => sum + each.length, 0);
    this.space = openWorkspace({ bytes: 4 * numbers });
    this.kernels = this.space.f32;
    this.solver = new NativeSolver(spec.solver, this.space);
    const join = (parts: readonly Float32Array[]): Float32Array => {
      const joined = this.space.float32(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.length;
      }
      return joined;
    };
    const { length } = weights;
    const ofSlot = (_: unknown, slot: number): Float32Array => join(slots.slice(slot * length, (slot + 1) * length));
    this.all = { weights: join(weights), slots: Array.from({ length: this.solver.slots }, ofSlot) };
    this.gradient = this.space.float32(this.all.weights.length);
    this.dense = this.space.float32(0);
    let end = 0;
    this.ends = weights.map((each) => {
      end += each.length;
      return end;
    });
  }

  step(batch: Batch): void {
    const { X } = batch;
    const { sizes } = this.spec;
    const room = this.roomFor(X.rows);
    const sparse = isSparse(X) ? this.sparseLayer() : undefined;
    if (isSparse(X)) {
      (room.values[0] as Float32Array).fill(0);
      sparse?.addTo(X, this.steps, room.values[0] as Float32Array);
    } else {
      this.endSparse();
      if (this.dense.length < X.data.length) this.dense = this.space.float32(X.data.length);
      this.dense.set(X.data);
    }
    this.forward(batch, room, sparse !== undefined);
    this.takeLossOf(batch, room);
    this.steps += 1;
    this.solver.begin(this.steps);
    for (let layer = sizes.length - 2; layer >= 0; layer -= 1) this.backward(layer, batch, room, sparse !== undefined);
    sparse?.learn(this.steps, room.deltas[0] as Float32Array);
    const from = sparse === undefined ? 0 : (this.ends[0] as number);
    const part = (array: Float32Array): Float32Array => array.subarray(from);
    const rest = { weights: part(this.all.weights), slots: this.all.slots.map(part) };
    const rows = { count: 1, width: rest.weights.length, index: null, last: null };
    this.solver.move(rows, this.steps, rest, part(this.gradient));
  }

  takeLoss(): number {
    const { loss } = this;
    this.loss = 0;
    return loss;
  }

  state(): NetState {
    this.sparse?.settle(this.steps);
    const { ends } = this;
    const apart = (all: Float32Array): Float32Array[] =>
      ends.map((end, at) => Float32Array.from(all.subarray(ends[at - 1] ?? 0, end)));
    return { weights: apart(this.all.weights), slots: this.all.slots.flatMap(apart), steps: this.steps };
  }

  close(): void {
    this.space.close();
  }

  private part(all: Float32Array, at: number): Float32Array {
    return all.subarray(this.ends[at - 1] ?? 0, this.ends[at]);
  }

  /** Sums of each layer, and values of the hidden ones. */
  private forward({ X, masks }: Batch, room: Room, isSparse: boolean): void {
    const { sizes, activation } = this.spec;
    const { kernels } = this;
    const { weights } = this.all;
    for (let layer = 0; layer < sizes.length - 1; layer += 1) {
      const [inputs, units] = [sizes[layer] as number, sizes[layer + 1] as number];
      const own = room.values[layer] as Float32Array;
      const input = layer === 0 ? this.dense : (room.kept[layer - 1] as Float32Array);
      if (layer > 0 || !isSparse) {
        kernels.gemmNN(X.rows, units, inputs, input, this.part(weights, 2 * layer), own, false);
      }
      kernels.addRow(X.rows, units, this.part(weights, 2 * layer + 1), own);
      if (layer === sizes.length - 2) return;
      const size = X.rows * units;
      if (activation !== 'identity') kernels[activation](size, own, own);
      const mask = masks[layer];
      const kept = room.kept[layer] as Float32Array;
      if (mask === undefined) kept.set(own.subarray(0, size));
      else for (let i = 0; i < size; i += 1) kept[i] = (own[i] as number) * (mask[i] as number);
    }
  }

  /** Sums of the outputs become the gradient of the mean loss. */
  private takeLossOf({ X, targets, weights }: Batch, room: Room): void {
    const { output, sizes } = this.spec;
    const { rows } = X;
    const outputs = sizes.at(-1) as number;
    room.targets.set(targets);
    for (let row = 0; row < rows; row += 1) room.weights[row] = (weights?.[row] ?? 1) / rows;
    const lossOf = { softmax: 'softmaxLoss', sigmoid: 'sigmoidLoss', identity: 'squaredLoss' } as const;
    const sums = room.values.at(-1) as Float32Array;
    this.loss += rows * this.kernels[lossOf[output]](rows, outputs, sums, room.targets, room.weights);
  }

  /** The gradient of a layer's weights and biases, and of the sums below it. */
  private backward(layer: number, { X, masks }: Batch, room: Room, isSparse: boolean): void {
    const { sizes, activation } = this.spec;
    const { kernels, gradient } = this;
    const { rows } = X;
    const [inputs, units] = [sizes[layer] as number, sizes[layer + 1] as number];
    const deltas = room.deltas[layer] as Float32Array;
    kernels.columnSums(rows, units, deltas, this.part(gradient, 2 * layer + 1), false);
    if (layer === 0) {
      if (!isSparse) kernels.gemmTN(inputs, units, rows, this.dense, deltas, this.part(gradient, 0), false);
      return;
    }
    const input = room.kept[layer - 1] as Float32Array;
    kernels.gemmTN(inputs, units, rows, input, deltas, this.part(gradient, 2 * layer), false);
    const below = room.deltas[layer - 1] as Float32Array;
    kernels.gemmNT(rows, inputs, units, deltas, this.part(this.all.weights, 2 * layer), below, false);
    const size = rows * inputs;
    const mask = masks[layer - 1];
    if (mask !== undefined) for (let i = 0; i < size; i += 1) below[i] = (below[i] as number) * (mask[i] as number);
    const values = room.values[layer - 1] as Float32Array;
    if (activation !== 'identity') kernels[`${activation}Back`](size, values, below);
  }

  private sparseLayer(): NativeSparseLayer {
    const part = (array: Float32Array): Float32Array => this.part(array, 0);
    const first = { weights: part(this.all.weights), slots: this.all.slots.map(part) };
    this.sparse ??= new NativeSparseLayer(this.space, this.solver, first, this.spec.sizes[1] as number, this.steps);
    return this.sparse;
  }

  private endSparse(): void {
    this.sparse?.settle(this.steps);
    this.sparse = undefined;
  }

  private roomFor(rows: number): Room {
    if (this.room !== undefined && this.room.rows >= rows) return this.room;
    const { space } = this;
    const { sizes } = this.spec;
    const layers = sizes.slice(1).map((units) => () => space.float32(rows * units));
    const values = layers.map((make) => make());
    this.room = {
      rows,
      targets: space.float32(rows * (sizes.at(-1) as number)),
      weights: space.float32(rows),
      values,
      kept: layers.slice(0, -1).map((make) => make()),
      deltas: layers.map((make, layer) => (layer === layers.length - 1 ? (values[layer] as Float32Array) : make())),
    };
    return this.room;
  }
}
