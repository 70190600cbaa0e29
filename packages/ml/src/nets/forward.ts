import type { Matrix } from '../data/features.ts';
import type { Activation } from './engine.ts';
import { activate } from './native-activations.ts';
import { affine } from './native-products.ts';

/**
 * What a layer makes of rows, rows x units: the values of a hidden layer, or the sums of the last. Nets answer by this
 * whatever engine they learned with, so that a net gives the same answers everywhere.
 */
export function forward(
  X: Matrix,
  weights: readonly Float32Array[],
  activation: Activation,
  layer: number = weights.length / 2 - 1,
): Float32Array {
  let input: Matrix = X;
  let values = new Float32Array(0);
  for (let at = 0; at <= layer; at += 1) {
    const bias = weights[2 * at + 1] as Float32Array;
    values = new Float32Array(X.rows * bias.length);
    affine(input, weights[2 * at] as Float32Array, bias, values);
    if (2 * at + 2 < weights.length) activate(activation, values);
    input = { data: values, rows: X.rows, cols: bias.length };
  }
  return values;
}
