import { InputError } from '../base/errors.ts';
import { binary, unary } from './elementwise.ts';
import { product } from './matrix-product.ts';
import { apply, type Primitive } from './primitive.ts';
import { broadcast, pick, reshape, stacked, sumTo, transpose as transposed } from './rearrange.ts';
import { broadcastShape, showShape, sizeOf } from './shapes.ts';
import { type Operand, toValue, type Value } from './value.ts';

const ADD = binary(
  'add',
  (a, b) => a + b,
  () => 1,
);
const SUB = binary(
  'sub',
  (a, b) => a - b,
  (at) => (at === 0 ? 1 : -1),
);
const MUL = binary(
  'mul',
  (a, b) => a * b,
  (at, a, b) => (at === 0 ? b : a),
);
const DIV = binary(
  'div',
  (a, b) => a / b,
  (at, _, b, y) => (at === 0 ? div(1, b) : neg(div(y, b))),
);
const POW = binary(
  'pow',
  (a, b) => a ** b,
  (at, a, b, y) => (at === 0 ? mul(b, pow(a, sub(b, 1))) : mul(y, log(where(greater(a, 0), a, 1)))),
);
const MAXIMUM = binary('maximum', Math.max, (at, a, b) => preferred(at === 0 ? sub(a, b) : sub(b, a)));
const MINIMUM = binary('minimum', Math.min, (at, a, b) => preferred(at === 0 ? sub(b, a) : sub(a, b)));
const GREATER = binary(
  'greater',
  (a, b) => Number(a > b),
  () => 0,
);

const NEG = unary(
  'neg',
  (x) => -x,
  () => -1,
);
const EXP = unary('exp', Math.exp, (_, y) => y);
const EXPM1 = unary('expm1', Math.expm1, (_, y) => add(y, 1));
const LOG = unary('log', Math.log, (x) => div(1, x));
const LOG1P = unary('log1p', Math.log1p, (x) => div(1, add(x, 1)));
const SQRT = unary('sqrt', Math.sqrt, (_, y) => div(0.5, y));
const SIN = unary('sin', Math.sin, (x) => cos(x));
const COS = unary('cos', Math.cos, (x) => neg(sin(x)));
const TAN = unary('tan', Math.tan, (_, y) => add(1, mul(y, y)));
const ATAN = unary('atan', Math.atan, (x) => div(1, add(1, mul(x, x))));
const TANH = unary('tanh', Math.tanh, (_, y) => sub(1, mul(y, y)));
const ABS = unary('abs', Math.abs, (x) => sign(x));
const SIGN = unary('sign', Math.sign, () => 0);
const SIGMOID = unary('sigmoid', logistic, (_, y) => mul(y, sub(1, y)));
const SOFTPLUS = unary(
  'softplus',
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (x) => sigmoid(x),
);

export function add(a: Operand, b: Operand): Value {
  return together(ADD, a, b);
}

export function sub(a: Operand, b: Operand): Value {
  return together(SUB, a, b);
}

/** Element by element. */
export function mul(a: Operand, b: Operand): Value {
  return together(MUL, a, b);
}

export function div(a: Operand, b: Operand): Value {
  return together(DIV, a, b);
}

export function pow(a: Operand, b: Operand): Value {
  if (b === 2) return mul(a, a); // Math.pow takes ten times as long
  return together(POW, a, b);
}

/** The larger of each two. Where they are equal, both have half of the derivative. */
export function maximum(a: Operand, b: Operand): Value {
  return together(MAXIMUM, a, b);
}

/** The smaller of each two. Where they are equal, both have half of the derivative. */
export function minimum(a: Operand, b: Operand): Value {
  return together(MINIMUM, a, b);
}

/** 1 where a > b, 0 elsewhere; its derivative is 0. */
export function greater(a: Operand, b: Operand): Value {
  return together(GREATER, a, b);
}

/** a where the condition is 1, b where it is 0. Neither may be NaN or infinite. */
export function where(condition: Operand, a: Operand, b: Operand): Value {
  return add(mul(condition, a), mul(sub(1, condition), b));
}

export function neg(x: Operand): Value {
  return of(NEG, x);
}

export function exp(x: Operand): Value {
  return of(EXP, x);
}

export function expm1(x: Operand): Value {
  return of(EXPM1, x);
}

export function log(x: Operand): Value {
  return of(LOG, x);
}

export function log1p(x: Operand): Value {
  return of(LOG1P, x);
}

export function sqrt(x: Operand): Value {
  return of(SQRT, x);
}

export function sin(x: Operand): Value {
  return of(SIN, x);
}

export function cos(x: Operand): Value {
  return of(COS, x);
}

export function tan(x: Operand): Value {
  return of(TAN, x);
}

export function atan(x: Operand): Value {
  return of(ATAN, x);
}

export function tanh(x: Operand): Value {
  return of(TANH, x);
}

/** Its derivative at 0 is 0. */
export function abs(x: Operand): Value {
  return of(ABS, x);
}

/** -1, 0 or 1; its derivative is 0. */
export function sign(x: Operand): Value {
  return of(SIGN, x);
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Operand): Value {
  return of(SIGMOID, x);
}

/** log(1 + exp(x)), for any x. */
export function softplus(x: Operand): Value {
  return of(SOFTPLUS, x);
}

/** The sum of all; of a matrix also along an axis: 0 of each column, 1 of each row. @throws InputError for another axis */
export function sum(x: Operand, axis?: 0 | 1): Value {
  const value = toValue(x);
  if (axis === undefined) return sumTo(value, []);
  const [rows, cols] = value.shape;
  if (rows === undefined || cols === undefined || (axis !== 0 && axis !== 1))
    throw new InputError(
      `sum along an axis, 0 or 1, takes a matrix. Got ${String(axis)} and ${showShape(value.shape)}.`,
    );
  return axis === 0 ? reshape(sumTo(value, [1, cols]), [cols]) : reshape(sumTo(value, [rows, 1]), [rows]);
}

/** As `sum`, divided by how many there are. */
export function mean(x: Operand, axis?: 0 | 1): Value {
  const value = toValue(x);
  const total = sum(value, axis);
  return div(total, sizeOf(value.shape) / sizeOf(total.shape));
}

/** Products of matrices and vectors; of two vectors their dot product. @throws InputError for shapes that do not fit */
export function matmul(a: Operand, b: Operand): Value {
  const [left, right] = [toValue(a), toValue(b)];
  const [m, n] = [left.shape, right.shape];
  const shown = `${showShape(m)} and ${showShape(n)}`;
  if (m.length === 0 || n.length === 0) throw new InputError(`matmul takes matrices and vectors. Got ${shown}.`);
  if (m.at(-1) !== n[0]) throw new InputError(`matmul: the columns of a must be the rows of b. Got ${shown}.`);
  const matrixA = reshape(left, m.length === 2 ? m : [1, m[0] as number]);
  const matrixB = reshape(right, n.length === 2 ? n : [n[0] as number, 1]);
  return reshape(product(matrixA, matrixB), [...m.slice(0, -1), ...n.slice(1)]);
}

/** Columns as rows. */
export function transpose(x: Operand): Value {
  return transposed(toValue(x));
}

/** Single numbers as a vector. */
export function stack(...numbers: readonly Operand[]): Value {
  return stacked(numbers.map(toValue));
}

/** An element: of a vector by its position, of a matrix by row and column. @throws InputError outside */
export function at(x: Operand, row: number, col?: number): Value {
  const value = toValue(x);
  const position = col === undefined ? [row] : [row, col];
  const isInside = position.every(
    (each, axis) => Number.isInteger(each) && each >= 0 && each < (value.shape[axis] ?? 0),
  );
  if (position.length !== value.shape.length || !isInside)
    throw new InputError(`there is no element ${showShape(position)} in a value of shape ${showShape(value.shape)}.`);
  return pick(value, col === undefined ? row : row * (value.shape[1] as number) + col);
}

function of(primitive: Primitive, x: Operand): Value {
  return apply(primitive, [toValue(x)]);
}

function together(primitive: Primitive, a: Operand, b: Operand): Value {
  const [left, right] = [toValue(a), toValue(b)];
  const shape = broadcastShape(left.shape, right.shape);
  const fitted = (x: Value): Value => (x.shape.length === 0 ? x : broadcast(x, shape));
  return apply(primitive, [fitted(left), fitted(right)]);
}

/** 1 above zero, 0 below, a half at zero. */
function preferred(difference: Value): Value {
  return mul(0.5, add(1, sign(difference)));
}

function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
