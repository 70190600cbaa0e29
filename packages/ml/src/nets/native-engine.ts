import type { DenseMatrix, Matrix } from '../data/features.ts';
import { type Batch, type Engine, type Net, type NetSpec, type NetState, slotsOf } from './engine.ts';
import { activate, lossAndDeltas, timesSlope } from './native-activations.ts';
import { addOuter, affine, timesTransposed } from './native-products.ts';
import { update } from './native-solvers.ts';

/** Our own engine. CSR is never made dense: the first layer reads and changes what its rows touch. */
export const nativeEngine: Engine = { name: 'native', open: (spec, state) => new NativeNet(spec, state) };

class NativeNet implements Net {
  private readonly spec: NetSpec;
  private readonly weights: Float32Array[];
  private readonly slots: Float32Array[];
  private readonly gradients: Float32Array[];
  private steps: number;
  private loss = 0;

  constructor(spec: NetSpec, { weights, slots, steps }: NetState) {
    this.spec = spec;
    this.weights = weights.map((each) => each.slice());
    this.slots = slots.map((each) => each.slice());
    this.gradients = weights.map((each) => new Float32Array(each.length));
    this.steps = steps;
  }

  step(batch: Batch): void {
    const { X, masks } = batch;
    const { sizes, activation, output, solver } = this.spec;
    const last = sizes.length - 2;
    const inputs: Matrix[] = [X];
    const values: Float32Array[] = []; // of hidden layers, before dropout
    for (let layer = 0; layer < last; layer += 1) {
      const own = this.sums(layer, inputs[layer] as Matrix);
      activate(activation, own);
      values.push(own);
      const mask = masks[layer];
      const kept = mask === undefined ? own : own.map((value, i) => value * (mask[i] as number));
      inputs.push({ data: kept, rows: X.rows, cols: sizes[layer + 1] as number } satisfies DenseMatrix);
    }
    let deltas = this.sums(last, inputs[last] as Matrix);
    this.loss += lossAndDeltas(output, deltas, batch.targets, batch.weights, X.rows);
    for (let layer = last; layer >= 0; layer -= 1) {
      const units = sizes[layer + 1] as number;
      this.differentiate(layer, inputs[layer] as Matrix, deltas);
      if (layer === 0) break;
      const back = new Float32Array(X.rows * (sizes[layer] as number));
      timesTransposed(deltas, X.rows, this.weights[2 * layer] as Float32Array, units, sizes[layer] as number, back);
      const mask = masks[layer - 1];
      if (mask !== undefined)
        for (let i = 0; i < back.length; i += 1) back[i] = (back[i] as number) * (mask[i] as number);
      timesSlope(activation, values[layer - 1] as Float32Array, back);
      deltas = back;
    }
    this.steps += 1;
    const count = this.weights.length;
    for (const [at, own] of this.weights.entries()) {
      const slots = Array.from({ length: slotsOf(solver) }, (_, slot) => this.slots[slot * count + at] as Float32Array);
      update(solver, this.steps, own, this.gradients[at] as Float32Array, slots);
    }
  }

  takeLoss(): number {
    const { loss } = this;
    this.loss = 0;
    return loss;
  }

  state(): NetState {
    const copies = (all: readonly Float32Array[]): Float32Array[] => all.map((each) => each.slice());
    return { weights: copies(this.weights), slots: copies(this.slots), steps: this.steps };
  }

  close(): void {}

  private sums(layer: number, X: Matrix): Float32Array {
    const bias = this.weights[2 * layer + 1] as Float32Array;
    const out = new Float32Array(X.rows * bias.length);
    affine(X, this.weights[2 * layer] as Float32Array, bias, out);
    return out;
  }

  private differentiate(layer: number, X: Matrix, deltas: Float32Array): void {
    const gradient = (this.gradients[2 * layer] as Float32Array).fill(0);
    const ofBias = (this.gradients[2 * layer + 1] as Float32Array).fill(0);
    const units = ofBias.length;
    addOuter(X, deltas, units, gradient);
    for (let i = 0; i < deltas.length; i += 1)
      ofBias[i % units] = (ofBias[i % units] as number) + (deltas[i] as number);
  }
}
