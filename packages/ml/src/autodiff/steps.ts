import { InputError } from '../base/errors.ts';
import type { Differentiable } from './grad.ts';
import { backward, forward, inOrder } from './propagate.ts';
import { sizeOf } from './shapes.ts';
import { type Given, type Numbers, toValue, Value } from './value.ts';

/** An intermediate value of a computation, with its derivative. */
export interface DerivativeStep {
  /** `x1`, `x2` for arguments, `v1`, `v2` for what is computed, in order. */
  readonly name: string;
  /** How it is computed: `mul(x1, x2)`; of an argument its name. */
  readonly formula: string;
  readonly value: Numbers;
  /** Forward: how fast it changes. Reverse: how fast the output changes with it. */
  readonly derivative: Numbers;
}

/**
 * Forward mode, step by step: arguments first, each step with its change as the arguments change in a direction.
 * @param direction a number for each argument: 1 for the one by which is differentiated
 */
export function forwardSteps(
  f: Differentiable,
  args: readonly Given[],
  direction: readonly number[],
): DerivativeStep[] {
  const { inputs, output } = computed(f, args);
  if (direction.length !== inputs.length)
    throw new InputError(`a direction has a number for each argument: ${inputs.length}. Got ${direction.length}.`);
  const tangents = inputs.map((input, at): [Value, Value] => [input, constant(input, direction[at] as number)]);
  return steps(inputs, output, forward(output, new Map(tangents)));
}

/** Reverse mode, step by step: the output first, each step with the change of the output by it. The output is one number. */
export function reverseSteps(f: Differentiable, args: readonly Given[]): DerivativeStep[] {
  const { inputs, output } = computed(f, args);
  if (sizeOf(output.shape) !== 1) throw new InputError('reverseSteps takes a function whose output is one number.');
  return steps(inputs, output, backward(output, constant(output, 1), inputs)).reverse();
}

function computed(f: Differentiable, args: readonly Given[]): { readonly inputs: Value[]; readonly output: Value } {
  const inputs = args.map(toValue);
  return { inputs, output: toValue(f(...inputs)) };
}

function steps(inputs: readonly Value[], output: Value, derivatives: ReadonlyMap<Value, Value>): DerivativeStep[] {
  const names = new Map(inputs.map((input, at) => [input, `x${at + 1}`]));
  const rows: Value[] = [...inputs];
  for (const value of inOrder([output])) {
    if (names.has(value)) continue;
    if (value.step === undefined) names.set(value, String(value.value));
    else names.set(value, `v${rows.push(value) - inputs.length}`);
  }
  return rows.map((value) => ({
    name: names.get(value) as string,
    formula:
      value.step === undefined
        ? (names.get(value) as string)
        : `${value.step.primitive.name}(${value.step.inputs.map((input) => names.get(input)).join(', ')})`,
    value: value.value,
    derivative: (derivatives.get(value) ?? constant(value, 0)).value,
  }));
}

function constant({ shape }: Value, number: number): Value {
  return new Value(shape, new Float64Array(sizeOf(shape)).fill(number));
}
