import type { CallShape, DefaultValue, Parameter } from '@jobloom/codec';
import { OptionError } from './option-error.ts';

/** What of a call's arguments counts, as data: it travels with the function. */
export interface Binding {
  /** Parameters; undefined where nothing is known of them: arguments count as they are. */
  readonly parameters: readonly Parameter[] | undefined;
  /** Arguments past the parameters count too. */
  readonly open: boolean;
  /** Positions that don't count. */
  readonly indices: readonly number[];
  /** Properties of arguments that don't count, by position. */
  readonly properties: readonly (readonly [index: number, name: string])[];
  /** Arguments count as they are. */
  readonly plain: boolean;
}

/**
 * How to bind arguments to parameters. An argument that is left out counts as `undefined`, and both as the default
 * where that is a literal; what is past the parameters doesn't count, unless the function can see it.
 * @throws OptionError for names and positions in `ignore` that the function doesn't have
 */
export function bindingOf(shape: CallShape | undefined, ignore: readonly (string | number)[]): Binding {
  const parameters = shape?.parameters;
  const hasRest = parameters?.at(-1)?.rest === true;
  const places = ignore.map((each) => placeOf(each, parameters, shape === undefined || hasRest));
  const indices = places.flatMap(({ index, property }) => (property === undefined ? [index] : []));
  const properties = places.flatMap(({ index, property }) =>
    property === undefined ? [] : [[index, property] as const],
  );
  const open = shape === undefined || shape.usesArguments || hasRest;
  const known = shape?.usesArguments === true ? undefined : parameters;
  const hasDefaults = known?.some((each) => each.default !== undefined || each.properties !== undefined) ?? false;
  return { parameters: known, open, indices, properties, plain: !hasDefaults && ignore.length === 0 };
}

interface Place {
  readonly index: number;
  readonly property?: string;
}

function placeOf(each: string | number, parameters: readonly Parameter[] | undefined, isOpen: boolean): Place {
  const count = parameters?.length ?? Number.POSITIVE_INFINITY;
  if (typeof each === 'number') {
    if (Number.isInteger(each) && each >= 0 && (isOpen || each < count)) return { index: each };
    throw new OptionError(`ignore has ${each}, and the function has ${count} parameters, counted from 0.`);
  }
  const index = parameters?.findIndex(({ name }) => name === each) ?? -1;
  if (index >= 0) return { index };
  const holder = parameters?.findIndex(({ properties = [] }) => properties.some(({ name }) => name === each)) ?? -1;
  if (holder >= 0) return { index: holder, property: each };
  const names = parameters?.flatMap(({ name, properties = [] }) => name ?? properties.map((each) => each.name));
  throw new OptionError(
    names === undefined
      ? `ignore has the name ${JSON.stringify(each)}, and this function’s parameters can't be read. Give positions.`
      : `ignore has ${JSON.stringify(each)}, which is no parameter of the function. It has: ${names.join(', ') || 'none'}.`,
  );
}

/** What of these arguments counts. */
export function bindArguments(binding: Binding, args: readonly unknown[]): readonly unknown[] {
  const { parameters, open, plain } = binding;
  if (parameters === undefined) return plain ? args : without(binding, [...args]);
  const count = parameters.length;
  if (plain && args.length === count) return args;
  if (plain && args.length > count) return open ? args : args.slice(0, count);
  const bound: unknown[] = [];
  for (const [at, { default: whenMissing, properties, rest }] of parameters.entries()) {
    if (rest) break;
    const given = args[at] === undefined ? literalOf(whenMissing) : args[at];
    bound.push(properties === undefined ? given : withDefaults(given, properties));
  }
  if (open) for (let at = bound.length; at < args.length; at += 1) bound.push(args[at]);
  return without(binding, bound);
}

/** Ignored arguments and properties leave nothing behind: `ignore` is part of the key for itself. */
function without({ indices, properties }: Binding, bound: unknown[]): unknown[] {
  for (const index of indices) if (index < bound.length) bound[index] = null;
  for (const [index, name] of properties) {
    const value = bound[index];
    if (!isRecord(value) || !Object.hasOwn(value, name)) continue;
    const { [name]: _, ...others } = value;
    bound[index] = others;
  }
  // an ignored argument at the end counts as little when it is left out
  for (let last = bound.length - 1; indices.includes(last); last = bound.length - 1) bound.length = last;
  return bound;
}

function withDefaults(given: unknown, properties: NonNullable<Parameter['properties']>): unknown {
  if (!isRecord(given)) return given;
  const result = { ...given };
  for (const { name, default: whenMissing } of properties) {
    if (result[name] !== undefined) continue;
    const value = literalOf(whenMissing);
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}

function literalOf(value: DefaultValue | undefined): unknown {
  return value === undefined || value === 'computed' ? undefined : value.literal;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
