import { mul, neg } from './operations.ts';
import type { Primitive } from './primitive.ts';
import { broadcast, sumTo } from './rearrange.ts';
import { broadcastShape, type Shape, sameShape } from './shapes.ts';
import type { Value } from './value.ts';

/** A derivative: a value, or one of the factors that need no product. */
type Factor = Value | 1 | -1 | 0;

/** A function of each element. `slope` is its derivative, of input and output. */
export function unary(name: string, f: (x: number) => number, slope: (x: Value, y: Value) => Factor): Primitive {
  const through = (change: Value, x: Value, y: Value): Value | undefined => times(change, slope(x, y));
  return {
    name,
    shape: ([shape]) => shape as Shape,
    compute([x], out) {
      for (let i = 0; i < out.length; i += 1) out[i] = f((x as Float64Array)[i] as number);
    },
    pushForward: (_, tangent, { inputs, output }) => through(tangent, inputs[0] as Value, output),
    pullBack: (_, cotangent, { inputs, output }) => through(cotangent, inputs[0] as Value, output),
  };
}

/** A function of two elements. Inputs have one shape, or one of them is a number. `slope` is the derivative by input `at`. */
export function binary(
  name: string,
  f: (a: number, b: number) => number,
  slope: (at: number, a: Value, b: Value, y: Value) => Factor,
): Primitive {
  return {
    name,
    shape: ([a, b]) => broadcastShape(a as Shape, b as Shape),
    compute([a, b], out, [ofA, ofB]) {
      const [strideA, strideB] = sameShape(ofA as Shape, ofB as Shape)
        ? [1, 1]
        : [ofA?.length === 0 ? 0 : 1, ofB?.length === 0 ? 0 : 1];
      const [left, right] = [a as Float64Array, b as Float64Array];
      for (let i = 0; i < out.length; i += 1) out[i] = f(left[i * strideA] as number, right[i * strideB] as number);
    },
    pushForward(at, tangent, { inputs: [a, b], output }) {
      const pushed = times(tangent, slope(at, a as Value, b as Value, output));
      return pushed && broadcast(pushed, output.shape);
    },
    pullBack(at, cotangent, { inputs: [a, b], output }) {
      const pulled = times(cotangent, slope(at, a as Value, b as Value, output));
      return pulled && sumTo(pulled, (at === 0 ? (a as Value) : (b as Value)).shape);
    },
  };
}

function times(change: Value, factor: Factor): Value | undefined {
  if (factor === 0) return undefined;
  if (factor === 1) return change;
  return factor === -1 ? neg(change) : mul(change, factor);
}
