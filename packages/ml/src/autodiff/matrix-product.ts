import { multiply } from '../algebra/matrix-products.ts';
import { apply, type Primitive } from './primitive.ts';
import type { Shape } from './shapes.ts';
import type { Value } from './value.ts';

/** The product of matrices, each as it is or transposed, as the options say. */
const PRODUCT: Primitive = {
  name: 'matmul',
  shape: ([a, b], [turnA, turnB]) => [sides(a as Shape, turnA)[0], sides(b as Shape, turnB)[1]],
  compute([a, b], out, [ofA, ofB], [turnA, turnB]) {
    const [rows, inner] = sides(ofA as Shape, turnA);
    const cols = sides(ofB as Shape, turnB)[1];
    multiply(a as Float64Array, b as Float64Array, out, { rows, inner, cols, turnA: turnA === 1, turnB: turnB === 1 });
  },
  pushForward(at, tangent, { inputs: [a, b], options: [turnA, turnB] }) {
    return at === 0 ? product(tangent, b as Value, turnA, turnB) : product(a as Value, tangent, turnA, turnB);
  },
  pullBack(at, cotangent, { inputs, options: [turnA = 0, turnB = 0] }) {
    const [a, b] = inputs as [Value, Value];
    if (at === 0) return turnA === 0 ? product(cotangent, b, 0, 1 - turnB) : product(b, cotangent, turnB, 1);
    return turnB === 0 ? product(a, cotangent, 1 - turnA, 0) : product(cotangent, a, 1, turnA);
  },
};

/** The product of two matrices; 1 turns one around before. */
export function product(a: Value, b: Value, turnA = 0, turnB = 0): Value {
  return apply(PRODUCT, [a, b], [turnA, turnB]);
}

function sides([rows = 1, cols = 1]: Shape, turn: number | undefined): readonly [number, number] {
  return turn === 1 ? [cols, rows] : [rows, cols];
}
