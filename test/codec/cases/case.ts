/** How code came to be what Node runs. */
export type Origin =
  | 'esm'
  | 'cjs'
  | 'tsc-esm'
  | 'tsc-cjs'
  | 'tsx'
  | 'strip'
  | 'vitest-threads'
  | 'vitest-forks'
  | 'vitest-vm'
  | 'bundle'
  | 'bundle-cjs'
  | 'minified'
  | 'permission';

export type BackendName = 'threads' | 'processes';

/** Calls a function on the backend that is tried. */
export type Call = (fn: Callable, ...args: readonly unknown[]) => Promise<unknown>;

// biome-ignore lint/complexity/noBannedTypes: any callable
type Callable = Function;

/** What differs from the rule, each with its reason. */
export interface Exceptions {
  /** Origins that the case says nothing about, and why. */
  readonly notIn?: Partial<Record<Origin, string>>;
  /** Origins and backends that cannot do it yet: the exact error, but for a minifier's names where it has `…`. */
  readonly limits?: Partial<Record<Origin | BackendName, string>>;
  /** What it gives instead, in origins that cannot do better yet. */
  readonly differs?: Partial<Record<Origin, { readonly gives: unknown; readonly why: string }>>;
  /** First Node major that has what the case uses. */
  readonly since?: number;
  /** Names in an error's text that bundlers change. */
  readonly renamed?: readonly string[];
}

/** One line of the table: what is done, and exactly what must come of it. */
export interface Case extends Exceptions {
  readonly name: string;
  readonly run: (call: Call) => unknown;
  /** What `run` gives. */
  readonly expected?: unknown;
  /** The text of the error that it ends with instead. */
  readonly refused?: string;
}

export interface Section {
  readonly name: string;
  readonly cases: readonly Case[];
}

export const section = (name: string, cases: readonly Case[]): Section => ({ name, cases });

/** A function that is called on the backend. */
export const task = (
  name: string,
  make: () => Callable,
  expected: unknown,
  exceptions: Exceptions & { readonly args?: readonly unknown[] } = {},
): Case => {
  const made = once(make);
  return { name, run: (call) => call(made(), ...(exceptions.args ?? [])), expected, ...exceptions };
};

/** Made at the first use, and the same for every backend. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A value that goes as an argument, as a captured variable, and comes back: looked at here and there. */
export const value = <T>(
  name: string,
  make: () => T,
  look: (value: T) => unknown,
  expected: unknown,
  exceptions: Exceptions = {},
): Case => ({
  name,
  run: async (call) => {
    const made = make();
    const looked = [
      await call((given: T) => look(given), made),
      await call(() => look(made)),
      look((await call(() => made)) as T),
    ];
    return looked;
  },
  expected: [expected, expected, expected],
  ...exceptions,
});

/** A function that cannot travel, or a task whose result cannot. */
export const refused = (name: string, make: () => Callable, message: string, exceptions: Exceptions = {}): Case => ({
  name,
  run: (call) => call(make()),
  refused: message,
  ...exceptions,
});

/** Anything else. */
export const story = (
  name: string,
  run: (call: Call) => unknown,
  expected: unknown,
  exceptions: Exceptions = {},
): Case => ({ name, run, expected, ...exceptions });

/** Reasons that several cases have. */
export const WEAK_MAP_INSIDE: Exceptions = {
  limits: { minified: 'task -> …: a WeakMap cannot be sent: its entries cannot be listed. Use a Map' },
};
/** Of names that a bundler gives anew. */
const BUNDLERS = 'names are the bundler’s';
export const RENAMED: Exceptions = { notIn: { bundle: BUNDLERS, 'bundle-cjs': BUNDLERS, minified: BUNDLERS } };
