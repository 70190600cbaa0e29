import { InputError } from '../base/errors.ts';

/** Of a number `[]`, of a vector `[length]`, of a matrix `[rows, columns]`. */
export type Shape = readonly number[];

/** How many numbers there are. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, each) => product * each, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

/** As a matrix: a vector is a row. */
export function asMatrix(shape: Shape): readonly [rows: number, cols: number] {
  return [shape.length === 2 ? (shape[0] as number) : 1, shape.at(-1) ?? 1];
}

/** The shape of two operands together, by numpy's rules: lengths of 1 are repeated. @throws InputError where they do not fit */
export function broadcastShape(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, at) => {
    const [m, n] = [a[at - rank + a.length] ?? 1, b[at - rank + b.length] ?? 1];
    if (m === n || n === 1) return m;
    if (m === 1) return n;
    throw new InputError(
      `operands of the shapes ${showShape(a)} and ${showShape(b)} do not go together. Lengths must be equal, or one of them 1.`,
    );
  });
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
