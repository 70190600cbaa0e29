import { InputError } from '../base/errors.ts';
import { type Application, apply, type Primitive } from './primitive.ts';
import { asMatrix, type Shape, sameShape, showShape, sizeOf } from './shapes.ts';
import type { Value } from './value.ts';

/** A linear primitive of one input: of a change it makes what it makes of a value, and `transposed` is its way back. */
function linear(
  name: string,
  shape: (of: Shape, options: readonly number[]) => Shape,
  compute: (input: Float64Array, out: Float64Array, of: Shape, options: readonly number[]) => void,
  transposed: (cotangent: Value, application: Application) => Value,
): Primitive {
  const primitive: Primitive = {
    name,
    shape: ([of], options) => shape(of as Shape, options),
    compute: ([input], out, [of], options) => compute(input as Float64Array, out, of as Shape, options),
    pushForward: (_, tangent, { options }) => apply(primitive, [tangent], options),
    pullBack: (_, cotangent, application) => transposed(cotangent, application),
  };
  return primitive;
}

const shapeOfInput = ({ inputs: [input] }: Application): Shape => (input as Value).shape;

const BROADCAST = linear(
  'broadcast',
  (_, options) => options,
  (input, out, of, options) => {
    const [rows, cols] = asMatrix(options);
    const [ownRows, ownCols] = asMatrix(of);
    for (let i = 0; i < rows; i += 1) {
      const from = ownRows === 1 ? 0 : i * ownCols;
      for (let j = 0; j < cols; j += 1) out[i * cols + j] = input[from + (ownCols === 1 ? 0 : j)] as number;
    }
  },
  (cotangent, application) => sumTo(cotangent, shapeOfInput(application)),
);

const SUM_TO = linear(
  'sum',
  (_, options) => options,
  (input, out, of, options) => {
    const [rows, cols] = asMatrix(of);
    const [ownRows, ownCols] = asMatrix(options);
    out.fill(0);
    for (let i = 0; i < rows; i += 1) {
      const to = ownRows === 1 ? 0 : i * ownCols;
      if (ownCols === 1) {
        out[to] = (out[to] as number) + sumOf(input, i * cols, (i + 1) * cols);
      } else for (let j = 0; j < cols; j += 1) out[to + j] = (out[to + j] as number) + (input[i * cols + j] as number);
    }
  },
  (cotangent, application) => broadcast(cotangent, shapeOfInput(application)),
);

/** By halves, so that the error grows with the logarithm of how many there are. */
function sumOf(values: Float64Array, from: number, to: number): number {
  if (to - from > 256) {
    const middle = (from + to) >>> 1;
    return sumOf(values, from, middle) + sumOf(values, middle, to);
  }
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += values[i] as number;
  return sum;
}

const RESHAPE = linear(
  'reshape',
  (_, options) => options,
  (input, out) => out.set(input),
  (cotangent, application) => reshape(cotangent, shapeOfInput(application)),
);

const TRANSPOSE = linear(
  'transpose',
  ([rows = 1, cols = 1]) => [cols, rows],
  (input, out, [rows = 1, cols = 1]) => {
    for (let i = 0; i < rows; i += 1) {
      for (let j = 0; j < cols; j += 1) out[j * rows + i] = input[i * cols + j] as number;
    }
  },
  (cotangent) => transpose(cotangent),
);

const PICK = linear(
  'at',
  () => [],
  (input, out, _, [position = 0]) => {
    out[0] = input[position] as number;
  },
  (cotangent, application) => place(cotangent, application.options[0] as number, shapeOfInput(application)),
);

const PLACE = linear(
  'place',
  (_, [, ...shape]) => shape,
  (input, out, _, [position = 0]) => {
    out.fill(0);
    out[position] = input[0] as number;
  },
  (cotangent, { options }) => apply(PICK, [cotangent], options.slice(0, 1)),
);

const STACK: Primitive = {
  name: 'stack',
  shape: (shapes) => {
    const wrong = shapes.find((shape) => shape.length > 0);
    if (wrong !== undefined) throw new InputError(`stack takes single numbers. Got the shape ${showShape(wrong)}.`);
    return [shapes.length];
  },
  compute(inputs, out) {
    for (const [i, input] of inputs.entries()) out[i] = input[0] as number;
  },
  pushForward: (at, tangent, { output }) => place(tangent, at, output.shape),
  pullBack: (at, cotangent) => apply(PICK, [cotangent], [at]),
};

/** Repeats what has the length 1. */
export function broadcast(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(BROADCAST, [x], shape);
}

/** Sums what `broadcast` repeated. */
export function sumTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(SUM_TO, [x], shape);
}

/** The same numbers in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(shape) !== sizeOf(x.shape))
    throw new InputError(`${showShape(x.shape)} has other numbers than ${showShape(shape)} has room for.`);
  return apply(RESHAPE, [x], shape);
}

/** The same numbers, as another value. */
export function alias(x: Value): Value {
  return apply(RESHAPE, [x], x.shape);
}

/** Columns as rows. */
export function transpose(x: Value): Value {
  if (x.shape.length !== 2) throw new InputError(`transpose takes a matrix. Got the shape ${showShape(x.shape)}.`);
  return apply(TRANSPOSE, [x]);
}

/** The number at a position, row after row. */
export function pick(x: Value, position: number): Value {
  return apply(PICK, [x], [position]);
}

/** A number among zeros. */
export function place(x: Value, position: number, shape: Shape): Value {
  return apply(PLACE, [x], [position, ...shape]);
}

/** Numbers as a vector. */
export function stacked(values: readonly Value[]): Value {
  return apply(STACK, values);
}
