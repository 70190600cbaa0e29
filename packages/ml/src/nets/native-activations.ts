import type { Activation, OutputKind } from './engine.ts';

/** Sums become values, in place. */
export function activate(activation: Activation, values: Float32Array): void {
  if (activation === 'identity') return;
  const { length } = values;
  for (let i = 0; i < length; i += 1) {
    const sum = values[i] as number;
    if (activation === 'relu') values[i] = Math.max(sum, 0);
    else values[i] = activation === 'tanh' ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
  }
}

/** Multiplies gradients of values with the slopes there, in place. */
export function timesSlope(activation: Activation, values: Float32Array, deltas: Float32Array): void {
  if (activation === 'identity') return;
  const { length } = values;
  for (let i = 0; i < length; i += 1) {
    const value = values[i] as number;
    const slope =
      activation === 'relu' ? Number(value > 0) : activation === 'tanh' ? 1 - value * value : value * (1 - value);
    deltas[i] = (deltas[i] as number) * slope;
  }
}

/**
 * The sum over rows of weight times loss. The outputs' sums become, in place, its gradients divided by the rows.
 * Source: the cross-entropies as TensorFlow's `softmax_` and `sigmoid_cross_entropy_with_logits` compute them.
 */
export function lossAndDeltas(
  output: OutputKind,
  sums: Float32Array,
  targets: Float32Array,
  weights: Float32Array | undefined,
  rows: number,
): number {
  const outputs = sums.length / rows;
  let loss = 0;
  for (let row = 0; row < rows; row += 1) {
    const weight = weights?.[row] ?? 1;
    const from = row * outputs;
    let max = Number.NEGATIVE_INFINITY;
    let all = 0;
    if (output === 'softmax') {
      for (let j = 0; j < outputs; j += 1) max = Math.max(max, sums[from + j] as number);
      for (let j = 0; j < outputs; j += 1) all += Math.exp((sums[from + j] as number) - max);
    }
    for (let j = 0; j < outputs; j += 1) {
      const sum = sums[from + j] as number;
      const target = targets[from + j] as number;
      let delta: number;
      if (output === 'softmax') {
        delta = Math.exp(sum - max) / all - target;
        if (target !== 0) loss += weight * target * (Math.log(all) + max - sum);
      } else if (output === 'sigmoid') {
        delta = 1 / (1 + Math.exp(-sum)) - target;
        loss += weight * (Math.max(sum, 0) - sum * target + Math.log1p(Math.exp(-Math.abs(sum))));
      } else {
        delta = 2 * (sum - target);
        loss += weight * (sum - target) ** 2;
      }
      sums[from + j] = (weight * delta) / rows;
    }
  }
  return loss;
}
