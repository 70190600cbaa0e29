import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';

/** @throws ParameterError for names that are no names, come twice, hold `__`, or are parameters of the owner */
export function checkNames(owner: string, list: unknown, reserved: readonly string[]): void {
  if (!Array.isArray(list) || list.length === 0) {
    throw new ParameterError(`${owner} takes a list of [name, estimator], of one or more. Got ${show(list)}.`);
  }
  const seen = new Set<string>();
  for (const entry of list as readonly unknown[]) {
    const name: unknown = Array.isArray(entry) ? entry[0] : undefined;
    if (typeof name !== 'string') throw new ParameterError(`${owner} takes [name, estimator]. Got ${show(entry)}.`);
    if (seen.has(name)) throw new ParameterError(`${owner}: names must be unique. '${name}' comes twice.`);
    if (name.includes('__')) throw new ParameterError(`${owner}: names must not contain __. Got '${name}'.`);
    if (reserved.includes(name)) {
      throw new ParameterError(
        `${owner}: '${name}' is one of its own parameters. Choose another name for this estimator.`,
      );
    }
    seen.add(name);
  }
}
