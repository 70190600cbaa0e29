import { ParameterError } from './errors.ts';

/** What a parameter may be, as data. A parameter has a list of these: one must hold. */
export type Constraint =
  | { readonly is: 'number'; readonly integer?: boolean; readonly range?: Range }
  | { readonly is: 'oneOf'; readonly values: readonly (string | number | boolean | null)[] }
  | { readonly is: 'boolean' | 'string' | 'function' | 'array' | 'object' | 'null' | 'nan' | 'estimator' | 'memory' }
  | { readonly is: 'randomState' }
  | { readonly is: 'pair'; readonly of: Constraint };

/** A range in the usual notation: `[0, 1)` has 0 and not 1. Infinity is written `inf`. */
export type Range = `${'[' | '('}${number | '-inf'}, ${number | 'inf'}${']' | ')'}`;

/** Constraints by parameter. Parameters that are not named may be anything. */
export type Constraints = Readonly<Record<string, readonly Constraint[]>>;

export const BOOLEAN: Constraint = { is: 'boolean' };
export const NULL: Constraint = { is: 'null' };
export const STRING: Constraint = { is: 'string' };
export const FUNCTION: Constraint = { is: 'function' };
export const RANDOM_STATE: Constraint = { is: 'randomState' };

/** An integer in a range. */
export function integer(range: Range): Constraint {
  return { is: 'number', integer: true, range };
}

/** A number in a range. */
export function real(range: Range): Constraint {
  return { is: 'number', range };
}

/** One of some values. */
export function oneOf(...values: (string | number | boolean | null)[]): Constraint {
  return { is: 'oneOf', values };
}

/**
 * Checks parameters against constraints.
 * @throws ParameterError in one form: `The 'C' parameter of LogisticRegression must be a number in the range (0, inf). Got -1 instead.`
 */
export function checkConstraints(owner: string, params: object, constraints: Constraints): void {
  for (const [name, allowed] of Object.entries(constraints)) {
    const value = (params as Record<string, unknown>)[name];
    if (allowed.some((constraint) => holds(constraint, value))) continue;
    const words = allowed.map(describe);
    const last = words.pop();
    const list = words.length > 0 ? `${words.join(', ')} or ${last}` : last;
    throw new ParameterError(`The '${name}' parameter of ${owner} must be ${list}. Got ${show(value)} instead.`);
  }
}

function holds(constraint: Constraint, value: unknown): boolean {
  switch (constraint.is) {
    case 'number':
      return isIn(value, constraint.integer === true, constraint.range);
    case 'oneOf':
      return constraint.values.includes(value as string);
    case 'boolean':
    case 'string':
    case 'function':
      return typeof value === constraint.is;
    case 'array':
      return Array.isArray(value) || ArrayBuffer.isView(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'null':
      return value === null;
    case 'nan':
      return Number.isNaN(value);
    case 'estimator':
      return typeof (value as { fit?: unknown } | null)?.fit === 'function';
    case 'memory':
      return typeof (value as { cache?: unknown } | null)?.cache === 'function';
    case 'randomState':
      return (
        value === null ||
        isIn(value, true, '[0, 4294967295]') ||
        typeof (value as { randint?: unknown } | undefined)?.randint === 'function'
      );
    case 'pair':
      return Array.isArray(value) && value.length === 2 && value.every((each) => holds(constraint.of, each));
  }
}

function isIn(value: unknown, isInteger: boolean, range: Range = '[-inf, inf]'): boolean {
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  if (isInteger && !Number.isInteger(value)) return false;
  const [low = '', high = ''] = range.slice(1, -1).split(', ');
  const from = low === '-inf' ? Number.NEGATIVE_INFINITY : Number(low);
  const to = high === 'inf' ? Number.POSITIVE_INFINITY : Number(high);
  return (range.startsWith('[') ? value >= from : value > from) && (range.endsWith(']') ? value <= to : value < to);
}

function describe(constraint: Constraint): string {
  switch (constraint.is) {
    case 'number': {
      const what = constraint.integer === true ? 'an integer' : 'a number';
      return constraint.range === undefined ? what : `${what} in the range ${constraint.range}`;
    }
    case 'oneOf':
      return `one of {${constraint.values.map(show).join(', ')}}`;
    case 'null':
      return 'null';
    case 'nan':
      return 'NaN';
    case 'array':
    case 'object':
    case 'estimator':
      return `an ${constraint.is}`;
    case 'memory':
      return 'a Memory, as of new Memory({ location })';
    case 'randomState':
      return 'an integer in the range [0, 4294967295], a RandomState or null';
    case 'pair':
      return `two of: ${describe(constraint.of)}`;
    default:
      return `a ${constraint.is}`;
  }
}

/** A value in a few words, for messages. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `a function${value.name === '' ? '' : ` ${value.name}`}`;
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(show).join(', ')}${value.length > 5 ? ', …' : ''}]`;
  if (typeof value === 'object' && value !== null) return `a value of type ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}
