import type { NamedTensorMap, Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import { toDense } from '../../data/convert.ts';
import { type Batch, type Engine, type Net, type NetSpec, type NetState, type Solver, slotsOf } from '../engine.ts';
import { adamRate } from '../native-solvers.ts';
import type { Tensorflow } from './candidates.ts';
import type { LoadedTensorflow } from './resolve.ts';

/** Nets on TensorFlow.js. CSR is made dense a batch at a time. No tensor outlives its net. */
export function tensorflowEngine({ name, tf, backend }: LoadedTensorflow): Engine {
  return {
    name: name === 'given' ? `given (${backend})` : name,
    open: async (spec, state) => {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      return new TensorflowNet(tf, backend, spec, state);
    },
  };
}

class TensorflowNet implements Net {
  private readonly tf: Tensorflow;
  private readonly backend: string;
  private readonly spec: NetSpec;
  private readonly weights: Variable[] = [];
  private readonly slots: Variable[] = [];
  private steps: number;
  private loss: Variable;

  constructor(tf: Tensorflow, backend: string, spec: NetSpec, { weights, slots, steps }: NetState) {
    this.tf = tf;
    this.backend = backend;
    this.spec = spec;
    this.steps = steps;
    this.loss = this.variable(new Float32Array(1), [], false);
    try {
      for (const [at, each] of weights.entries()) this.weights.push(this.variable(each, this.shapeOf(at), true));
      for (const [at, each] of slots.entries()) {
        this.slots.push(this.variable(each, this.shapeOf(at % weights.length), false));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  step(batch: Batch): void | Promise<void> {
    const { tf, backend } = this;
    // Another net of this thread may have its own backend.
    if (tf.getBackend() !== backend) return tf.setBackend(backend).then(() => this.step(batch));
    this.steps += 1;
    try {
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => this.lossOf(batch), this.weights);
        this.loss.assign(tf.add(this.loss, value) as Scalar);
        this.update(grads, batch.X.rows);
      });
    } catch (error) {
      this.dropTape();
      throw error;
    }
  }

  takeLoss(): number {
    const [loss] = this.loss.dataSync();
    this.tf.tidy(() => this.loss.assign(this.tf.scalar(0)));
    return loss as number;
  }

  state(): NetState {
    const read = (all: readonly Variable[]): Float32Array[] => all.map((each) => Float32Array.from(each.dataSync()));
    return { weights: read(this.weights), slots: read(this.slots), steps: this.steps };
  }

  close(): void {
    this.tf.dispose([...this.weights, ...this.slots, this.loss]);
  }

  /** After an operation that failed, TensorFlow.js keeps what it had saved for gradients until then. */
  private dropTape(): void {
    const { state } = this.tf.engine();
    for (const { saved } of state.activeTape ?? []) for (const tensor of saved ?? []) tensor.dispose();
    state.activeTape = [];
  }

  /** The sum over rows of weight times loss. */
  private lossOf({ X, targets, weights, masks }: Batch): Scalar {
    const { tf } = this;
    const { sizes, activation, output } = this.spec;
    const last = sizes.length - 2;
    let values: Tensor2D = tf.tensor2d(toDense(X).data as Float32Array, [X.rows, X.cols]);
    for (let layer = 0; layer <= last; layer += 1) {
      const bias = this.weights[2 * layer + 1] as Variable;
      values = tf.add(tf.matMul(values, this.weights[2 * layer] as unknown as Tensor2D), bias);
      if (layer === last) break;
      if (activation !== 'identity') values = tf[activation](values);
      const mask = masks[layer];
      if (mask !== undefined) values = tf.mul(values, tf.tensor2d(mask, [X.rows, sizes[layer + 1] as number]));
    }
    const each = this.lossesOf(output, values, tf.tensor2d(targets, [X.rows, sizes.at(-1) as number]));
    const own = tf.sum(each, 1);
    return tf.sum(weights === undefined ? own : tf.mul(own, tf.tensor1d(weights)));
  }

  /** Rows x outputs. */
  private lossesOf(output: NetSpec['output'], sums: Tensor2D, targets: Tensor2D): Tensor2D {
    const { tf } = this;
    if (output === 'identity') return tf.square(tf.sub(sums, targets));
    if (output === 'softmax') return tf.neg(tf.mul(targets, tf.logSoftmax(sums)));
    // max(s, 0) - s t + log(1 + exp(-|s|))
    const rest = tf.log1p(tf.exp(tf.neg(tf.abs(sums))));
    return tf.add(tf.sub(tf.relu(sums), tf.mul(sums, targets)), rest);
  }

  /** The formulas of `native-solvers.ts`, with whole arrays. */
  private update(gradients: NamedTensorMap, rows: number): void {
    const { tf } = this;
    for (const [at, weights] of this.weights.entries()) {
      const gradient = tf.div(gradients[weights.name] as Tensor, rows);
      const slots = Array.from(
        { length: slotsOf(this.spec.solver) },
        (_, slot) => this.slots[slot * this.weights.length + at] as Variable,
      );
      weights.assign(tf.sub(weights, this.moveOf(this.spec.solver, gradient, slots)));
    }
  }

  /** How far weights move; slots are changed. */
  private moveOf(solver: Solver, gradient: Tensor, slots: readonly Variable[]): Tensor {
    const { tf } = this;
    const [first, second] = slots as [Variable, Variable];
    switch (solver.name) {
      case 'sgd': {
        const { learningRate, momentum, nesterov } = solver;
        if (momentum === 0) return tf.mul(gradient, learningRate);
        first.assign(tf.add(tf.mul(first, momentum), gradient));
        return tf.mul(nesterov ? tf.add(gradient, tf.mul(first, momentum)) : first, learningRate);
      }
      case 'adam': {
        const { beta1, beta2, epsilon } = solver;
        first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
        second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        return tf.div(tf.mul(first, adamRate(solver, this.steps)), tf.add(tf.sqrt(second), epsilon));
      }
      case 'adagrad':
      case 'rmsprop': {
        const { learningRate, epsilon } = solver;
        const [keep, add] = solver.name === 'adagrad' ? [1, 1] : [solver.decay, 1 - solver.decay];
        first.assign(tf.add(tf.mul(first, keep), tf.mul(tf.square(gradient), add)));
        return tf.div(tf.mul(gradient, learningRate), tf.add(tf.sqrt(first), epsilon));
      }
    }
  }

  private shapeOf(at: number): number[] {
    const { sizes } = this.spec;
    const outputs = sizes[(at >> 1) + 1] as number;
    return at % 2 === 1 ? [outputs] : [sizes[at >> 1] as number, outputs];
  }

  private variable(data: Float32Array, shape: number[], trainable: boolean): Variable {
    const { tf } = this;
    return tf.tidy(() => tf.variable(tf.tensor(data.slice(), shape, 'float32'), trainable));
  }
}
