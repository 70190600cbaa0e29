/** Hash of a captured value, for fingerprints with `values`. Functions inside count by their fingerprints without values. */
export function valueHash(_value: unknown): string {
  throw new TypeError(
    'fingerprint(fn, { values: true }) needs hash(value), which is not built yet. Leave `values` out',
  );
}
