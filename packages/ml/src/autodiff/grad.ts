import { InputError } from '../base/errors.ts';
import type { DenseMatrix } from '../data/features.ts';
import { backward } from './propagate.ts';
import { alias, reshape } from './rearrange.ts';
import { showShape, sizeOf } from './shapes.ts';
import { type Numbers, type Operand, toValue, Value } from './value.ts';

/** A function of values, made of operations. */
export type Differentiable = (...args: Value[]) => Value;

/** How a derivative by an argument comes out: as the argument went in. */
export type Derivative<A> = A extends Value
  ? Value
  : A extends number
    ? number
    : A extends DenseMatrix | readonly ArrayLike<number>[]
      ? DenseMatrix
      : Float64Array;

/** A gradient by one argument. */
export type Gradient<At extends number> = <A extends readonly Operand[]>(...args: A) => Derivative<A[At]>;

/** Gradients by several arguments. */
export type Gradients = <A extends readonly Operand[]>(...args: A) => Derivative<A[number]>[];

type Scalar<A extends readonly Operand[]> = Extract<A[number], Value> extends never ? number : Value;

/** A value, and the gradient by one argument. */
export type ValueAndGradient<At extends number> = <A extends readonly Operand[]>(
  ...args: A
) => [Scalar<A>, Derivative<A[At]>];

/** A value, and the gradients by several arguments. */
export type ValueAndGradients = <A extends readonly Operand[]>(...args: A) => [Scalar<A>, Derivative<A[number]>[]];

/**
 * The gradient of a function whose output is one number, by reverse mode: in the form of the argument, of several
 * arguments as a list. It is a function of values itself, and can be differentiated and traced.
 * @param of position of the argument, or of several; the first by default
 * @throws InputError for an output that is more than one number, and for arguments that are not there
 * @example grad((x) => x.mul(x).mul(x))(2); // 12
 */
export function grad(f: Differentiable): Gradient<0>;
export function grad<At extends number>(f: Differentiable, of: At): Gradient<At>;
export function grad(f: Differentiable, of: readonly number[]): Gradients;
export function grad(f: Differentiable, of: number | readonly number[] = 0): unknown {
  const both = derived(f, of, 'grad');
  return (...args: Operand[]) => both(args)[1];
}

/**
 * As `grad`, with the value of the function before.
 * @example valueAndGrad((w) => sum(w.mul(w)))([1, 2]); // [5, Float64Array [2, 4]]
 */
export function valueAndGrad(f: Differentiable): ValueAndGradient<0>;
export function valueAndGrad<At extends number>(f: Differentiable, of: At): ValueAndGradient<At>;
export function valueAndGrad(f: Differentiable, of: readonly number[]): ValueAndGradients;
export function valueAndGrad(f: Differentiable, of: number | readonly number[] = 0): unknown {
  const both = derived(f, of, 'valueAndGrad');
  return (...args: Operand[]) => both(args);
}

function derived(f: Differentiable, of: number | readonly number[], who: string) {
  return (args: readonly Operand[]): [unknown, unknown] => {
    const positions = typeof of === 'number' ? [of] : of;
    const missing = positions.find((each) => !Number.isInteger(each) || each < 0 || each >= args.length);
    if (missing !== undefined) throw new InputError(`${who}: there is no argument ${missing} among ${args.length}.`);
    const inputs = args.map(freshInput);
    const output = toValue(f(...inputs));
    if (sizeOf(output.shape) !== 1)
      throw new InputError(
        `${who} takes a function whose output is one number. Got the shape ${showShape(output.shape)}. Use sum(), or jacobian().`,
      );
    const targets = positions.map((position) => inputs[position] as Value);
    const found = backward(output, new Value(output.shape, Float64Array.of(1)), targets);
    const isInner = args.some((arg) => arg instanceof Value);
    const out = (value: Value): Value | Numbers => (isInner ? value : value.value);
    const gradients = targets.map((target) => out(found.get(target) ?? zerosLike(target)));
    return [out(reshape(output, [])), typeof of === 'number' ? gradients[0] : gradients];
  };
}

/** A value of its own for an argument: what else has the same value is no part of what is differentiated. */
export function freshInput(arg: Operand): Value {
  const value = toValue(arg);
  return arg instanceof Value ? alias(value) : value;
}

export function zerosLike({ shape }: Value): Value {
  return new Value(shape, new Float64Array(sizeOf(shape)));
}
