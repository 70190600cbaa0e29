import { fingerprint } from '@jobloom/codec';
import { isEstimator } from './estimator.ts';

/** Parameters that say how something is computed, and not what. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['memory', 'nJobs', 'preDispatch', 'verbose']);

/** Fingerprints of classes, which are the same as long as the class is. */
const classes = new WeakMap<object, string>();

/**
 * What makes an estimator, or a value that has some in it, what it is, as data to be hashed: code and parameters, and
 * nothing of what was learned. Functions count by their code and that of their helpers.
 */
export function identityOf(value: unknown): unknown {
  if (typeof value === 'function') return ['function', fingerprint(value).id];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(identityOf);
  if (isEstimator(value)) {
    const params = Object.entries(value.getParams(false)).filter(([name]) => !WITHOUT_EFFECT.has(name));
    return [codeOf(value), fieldsOf(Object.fromEntries(params))];
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return fieldsOf(value);
  return Object.values(value).some((each) => typeof each === 'function') ? [codeOf(value), fieldsOf(value)] : value;
}

function fieldsOf(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, identityOf(each)]));
}

function codeOf(value: object): string {
  const { constructor: type } = value;
  const known = classes.get(type) ?? fingerprint(type).id;
  classes.set(type, known);
  return known;
}
