import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { type DenseMatrix, isDense } from '../data/features.ts';
import { add, at, div, mul, neg, pow, sub } from './operations.ts';
import type { Primitive } from './primitive.ts';
import type { Shape } from './shapes.ts';

/** Numbers as they come out: one, a vector, or a matrix. */
export type Numbers = number | Float64Array | DenseMatrix;

/** Numbers as they go in. */
export type Given = number | ArrayLike<number> | readonly ArrayLike<number>[] | DenseMatrix;

/** What operations take. */
export type Operand = Value | Given;

/** How a value came about. */
export interface Step {
  readonly primitive: Primitive;
  readonly inputs: readonly Value[];
  readonly options: readonly number[];
}

/**
 * A number, vector or matrix of doubles that knows how it came about. Functions that are differentiated or recorded
 * get these, and make others of them by operations.
 */
export class Value {
  readonly shape: Shape;
  /** @internal Undefined for what was not computed here. */
  readonly step: Step | undefined;
  /** @internal Undefined while a function is recorded. */
  readonly data: Float64Array | undefined;

  constructor(shape: Shape, data: Float64Array | undefined, step?: Step) {
    this.shape = shape;
    this.data = data;
    this.step = step;
  }

  /** The numbers themselves. @throws InputError while a function is recorded, for they are not known then */
  get value(): Numbers {
    if (this.data !== undefined) return plain(this.data, this.shape);
    throw new InputError(
      'a value is not known while a function is recorded: what it decides by numbers cannot be traced. Use where() or maximum(), or call grad() without trace().',
    );
  }

  add(other: Operand): Value {
    return add(this, other);
  }

  sub(other: Operand): Value {
    return sub(this, other);
  }

  /** Element by element; `matmul` is the product of matrices. */
  mul(other: Operand): Value {
    return mul(this, other);
  }

  div(other: Operand): Value {
    return div(this, other);
  }

  neg(): Value {
    return neg(this);
  }

  pow(exponent: Operand): Value {
    return pow(this, exponent);
  }

  /** An element: of a vector by its position, of a matrix by row and column. */
  at(...position: readonly [number, number?]): Value {
    return at(this, ...position);
  }
}

/** An operand as a value. Numbers are copied. @throws InputError for what are no numbers */
export function toValue(operand: Operand): Value {
  if (operand instanceof Value) return operand;
  if (typeof operand === 'number') return new Value([], Float64Array.of(operand));
  if (isDense(operand)) return new Value([operand.rows, operand.cols], Float64Array.from(operand.data));
  const list = operand as ArrayLike<unknown> | undefined;
  if (typeof list !== 'object' || list === null || typeof list.length !== 'number') throw refused(operand);
  const first = list[0];
  if (typeof first === 'object' && first !== null) {
    const cols = (first as ArrayLike<number>).length;
    const rows = Array.from(list as ArrayLike<ArrayLike<number>>);
    if (rows.some((row) => row?.length !== cols)) throw new InputError(`rows of a matrix must be of equal length.`);
    return new Value([rows.length, cols], Float64Array.from(rows.flatMap((row) => Array.from(row, checked))));
  }
  return new Value([list.length], Float64Array.from(list as ArrayLike<number>, checked));
}

/** Numbers as they come out, in an array of their own. */
export function plain(data: Float64Array, shape: Shape): Numbers {
  if (shape.length === 0) return data[0] as number;
  if (shape.length === 1) return data.slice();
  return { data: data.slice(), rows: shape[0] as number, cols: shape[1] as number };
}

function checked(value: unknown): number {
  if (typeof value === 'number') return value;
  throw refused(value);
}

function refused(operand: unknown): InputError {
  return new InputError(
    `an operand is a number, a list of numbers, rows of numbers, a dense matrix, or a value. Got ${show(operand)}.`,
  );
}
