import { type Shape, sizeOf } from './shapes.ts';
import { Value } from './value.ts';

/**
 * An operation whose derivative is known, in terms of operations: so that derivatives can be recorded, and have
 * derivatives themselves. `undefined` where there is nothing but zeros.
 */
export interface Primitive {
  readonly name: string;
  /** Shape of the output. @throws InputError for inputs that do not fit */
  shape(shapes: readonly Shape[], options: readonly number[]): Shape;
  /** Writes the whole output. */
  compute(
    inputs: readonly Float64Array[],
    out: Float64Array,
    shapes: readonly Shape[],
    options: readonly number[],
  ): void;
  /** What `tangent`, a change of input `at`, makes of the output. */
  pushForward(at: number, tangent: Value, application: Application): Value | undefined;
  /** What `cotangent`, the weight of the output, makes the weight of input `at`. */
  pullBack(at: number, cotangent: Value, application: Application): Value | undefined;
}

/** A primitive as it was applied. */
export interface Application {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly options: readonly number[];
}

/** Applies a primitive: at once where its inputs are known, otherwise on record. */
export function apply(primitive: Primitive, inputs: readonly Value[], options: readonly number[] = []): Value {
  const shapes = inputs.map((input) => input.shape);
  const shape = primitive.shape(shapes, options);
  const known = inputs.flatMap(({ data }) => (data === undefined ? [] : [data]));
  let out: Float64Array | undefined;
  if (known.length === inputs.length) {
    out = new Float64Array(sizeOf(shape));
    primitive.compute(known, out, shapes, options);
  }
  return new Value(shape, out, { primitive, inputs, options });
}
