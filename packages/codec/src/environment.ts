const environments = new WeakMap<object, Readonly<Record<string, unknown>>>();

/**
 * Declares what a function captures, by name, so that nothing has to be looked up: for hosts without an inspector,
 * Node with `--permission` for example. The function stays the same; what it captured itself is not sent.
 * Functions in the environment that capture something need an environment of their own.
 *
 * @example
 * const scale = withEnvironment((x) => x * factor, { factor });
 */
export function withEnvironment<F extends (...args: never[]) => unknown>(
  fn: F,
  environment: Readonly<Record<string, unknown>>,
): F {
  environments.set(fn, environment);
  return fn;
}

export function environmentOf(fn: object): Readonly<Record<string, unknown>> | undefined {
  return environments.get(fn);
}
