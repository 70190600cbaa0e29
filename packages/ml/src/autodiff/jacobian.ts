import { InputError } from '../base/errors.ts';
import type { DenseMatrix } from '../data/features.ts';
import type { Differentiable } from './grad.ts';
import { backward, forward } from './propagate.ts';
import { type Shape, sizeOf } from './shapes.ts';
import { type Given, toValue, Value } from './value.ts';

export interface JacobianOptions {
  /** Position of the argument; the first by default. */
  readonly of?: number;
  /** `'forward'`: a pass for each input; `'reverse'`: one for each output. By default what takes fewer. */
  readonly mode?: 'forward' | 'reverse';
}

/**
 * All derivatives of the outputs of a function by the elements of an argument: outputs x inputs, matrices row after row.
 * Of a gradient, `jacobian(grad(f))`, it is the Hessian.
 * @throws InputError for an argument that is not there, and inside of a function that is differentiated or traced
 * @example jacobian((x) => x.mul(x))([1, 2]); // [[2, 0], [0, 4]] as a dense matrix
 */
export function jacobian(f: Differentiable, options: JacobianOptions = {}): (...args: Given[]) => DenseMatrix {
  const { of = 0, mode } = options;
  return (...args) => {
    const inputs = args.map(toValue);
    const input = inputs[of];
    if (input === undefined) throw new InputError(`jacobian: there is no argument ${of} among ${args.length}.`);
    const output = toValue(f(...inputs));
    if (output.data === undefined || args.some((each) => (each as unknown) instanceof Value))
      throw new InputError('jacobian takes numbers, and no values of a function that is differentiated or traced.');
    const [rows, cols] = [sizeOf(output.shape), sizeOf(input.shape)];
    const data = new Float64Array(rows * cols);
    if ((mode ?? (rows < cols ? 'reverse' : 'forward')) === 'forward') {
      for (let j = 0; j < cols; j += 1) {
        const column = forward(output, new Map([[input, unit(input.shape, j)]])).get(output)?.data;
        for (let i = 0; column !== undefined && i < rows; i += 1) data[i * cols + j] = column[i] as number;
      }
    } else {
      for (let i = 0; i < rows; i += 1) {
        const row = backward(output, unit(output.shape, i), [input]).get(input)?.data;
        if (row !== undefined) data.set(row, i * cols);
      }
    }
    return { data, rows, cols };
  };
}

/** Zeros, and a one. */
function unit(shape: Shape, position: number): Value {
  const data = new Float64Array(sizeOf(shape));
  data[position] = 1;
  return new Value(shape, data);
}
