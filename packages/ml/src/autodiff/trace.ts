import { Program } from './program.ts';
import { type Numbers, type Operand, toValue, Value } from './value.ts';

/** A function of numbers that was recorded, or will be at its first call. */
export interface Traced<T> {
  (...args: Operand[]): T;
  /** How often the function was recorded: once for each set of shapes. */
  readonly recordings: number;
  /** The operations of the last recording, a line each. */
  toString(): string;
}

/**
 * Records a function at its first call, and runs the record afterwards: the function itself is called once for each
 * set of shapes, however often the record is run. Of `grad(f)` the derivative is recorded with it, so that f is
 * differentiated once. What the function decides by numbers is an error, for numbers are not known while it is recorded.
 * Called on values, it is the function. T is what comes out: say it where that is no number.
 * @throws InputError where the function looks at a number
 * @example
 * const line = trace((a, x, b) => a.mul(x).add(b));
 * line(2, 3, 1); // 7
 * line(5, 3, 1); // 16, without calling the function
 */
export function trace<T extends Numbers = number>(f: (...args: Value[]) => Value): Traced<T>;
export function trace<T extends readonly unknown[] = [number, Float64Array]>(
  f: (...args: Value[]) => readonly (Value | readonly Value[])[],
): Traced<T>;
export function trace(f: (...args: Value[]) => unknown): Traced<unknown> {
  const programs = new Map<string, { readonly program: Program; readonly form: unknown }>();
  let last: Program | undefined;
  const run = (...args: Operand[]): unknown => {
    const inputs = args.map(toValue);
    if (args.some((arg) => arg instanceof Value)) return f(...inputs);
    const key = JSON.stringify(inputs.map(({ shape }) => shape));
    let known = programs.get(key);
    if (known === undefined) {
      const blanks = inputs.map(({ shape }) => new Value(shape, undefined));
      const form = f(...blanks);
      known = { program: new Program(blanks, flat(form)), form };
      programs.set(key, known);
      last = known.program;
    }
    const numbers = known.program.run(inputs);
    return filled(known.form, () => numbers.shift() as Numbers);
  };
  return Object.defineProperties(run, {
    recordings: { get: () => programs.size },
    toString: { value: () => last?.toString() ?? 'not recorded yet' },
  }) as Traced<unknown>;
}

function flat(form: unknown): Value[] {
  return Array.isArray(form) ? form.flatMap(flat) : [toValue(form as Operand)];
}

/** The form with numbers in the place of values. */
function filled(form: unknown, next: () => Numbers): unknown {
  return Array.isArray(form) ? form.map((each) => filled(each, next)) : next();
}
