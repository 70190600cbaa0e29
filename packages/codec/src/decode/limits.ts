/** What decoding an answer may take. One that asks for more is refused before the memory is taken. */
export interface DecodeLimits {
  /** Levels at which V8's values lie within each other, or prototypes behind each other. */
  readonly depth?: number;
  /** Objects, arrays, strings and big integers; and empty places of arrays. */
  readonly nodes?: number;
  /** Bytes of the frame with its buffers. */
  readonly bytes?: number;
}

export type LimitName = keyof DecodeLimits;

export const DEFAULT_LIMITS: Required<DecodeLimits> = {
  /** Writers nest plain values 200 deep at most: what is deeper they write as nodes, which take no recursion. */
  depth: 1_000,
  /** As many as V8's Map or Set holds at most; objects without properties of that number take 1 GB. */
  nodes: 2 ** 24,
  /** Four times the largest buffer of Node 20. The bytes are here already; what is made from them is about as large. */
  bytes: 2 ** 34,
};

/** Limits, with the usual ones where nothing is said. @throws RangeError for one that is no positive number */
export function limitsOf(given: DecodeLimits | undefined): Required<DecodeLimits> {
  if (given === undefined) return DEFAULT_LIMITS;
  const limits = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(given) as [LimitName, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new RangeError(`limits has no ${name}. It knows: ${Object.keys(DEFAULT_LIMITS).join(', ')}`);
    if (typeof value !== 'number' || !(value >= 1))
      throw new RangeError(`limits.${name} must be a number, 1 or more. Got ${String(value)}`);
    limits[name] = value;
  }
  return limits;
}
