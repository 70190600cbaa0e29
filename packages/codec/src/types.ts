/** How values of one kind travel: as plain or any other data that the codec knows. */
export interface TypeRegistration<T = unknown, D = unknown> {
  /** The same at both ends. */
  readonly name: string;
  match(value: unknown): boolean;
  encode(value: T): D;
  decode(data: D): T;
}

const KEY = Symbol.for('jobloom.types');

/** Shared by all copies of the package in the process. */
function registry(): Map<string, TypeRegistration> {
  const holder = globalThis as { [KEY]?: Map<string, TypeRegistration> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}

/**
 * Makes values of a kind travel that otherwise could not, or travel better. Workers need no registration:
 * they get this one along with the first such value. Results of that type are decoded by the caller's own.
 * A later registration of the same name takes the place of the earlier one.
 *
 * @example
 * registerType({ name: 'Money', match: (v) => v instanceof Money, encode: (m) => m.cents, decode: (c) => new Money(c) });
 */
export function registerType<T, D>(registration: TypeRegistration<T, D>): void {
  registry().set(registration.name, registration as unknown as TypeRegistration);
}

/** The registration that takes this value, if any. */
export function typeFor(value: unknown): TypeRegistration | undefined {
  for (const registration of registry().values()) if (registration.match(value)) return registration;
  return undefined;
}

export function typeNamed(name: string): TypeRegistration | undefined {
  return registry().get(name);
}

export function registeredTypes(): readonly TypeRegistration[] {
  return [...registry().values()];
}

export function hasTypes(): boolean {
  return registry().size > 0;
}

/** Method of an object that gives a function and its arguments; the receiver calls it to get the object back. */
export const REDUCE: unique symbol = Symbol.for('jobloom.reduce') as never;
