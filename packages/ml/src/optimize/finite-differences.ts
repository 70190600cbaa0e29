/** Steps that lose half of the digits of a double to the difference, and half to the curve. */
export const STEP: number = Math.sqrt(Number.EPSILON);

/**
 * The gradient of a function by the differences to a point beside it for each element: half of the digits are right.
 * @param value of the function at x
 */
export function forwardDifferences(f: (x: Float64Array) => number, x: Float64Array, value: number): Float64Array {
  const beside = x.slice();
  return x.map((each, at) => {
    beside[at] = each + STEP;
    const slope = (f(beside) - value) / ((beside[at] as number) - each);
    beside[at] = each;
    return slope;
  });
}
