import type { Activation } from './engine.ts';

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
