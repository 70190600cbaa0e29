const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Bytes that a number or text like '512M' stands for; undefined when it is neither, or not above 0. */
export function bytesOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value > 0 ? value : undefined;
  const [, count, unit = ''] = typeof value === 'string' ? (value.match(/^(\d+(?:\.\d+)?)([KMG]?)$/) ?? []) : [];
  const bytes = Number(count) * (UNITS[unit] as number);
  return bytes > 0 ? bytes : undefined;
}

const MAX_NBYTES = 1024 ** 2;

/** Bytes from which on a buffer is sent once, by the option; undefined for never. */
export function largeFrom(maxNbytes: number | string | null | undefined): number | undefined {
  return maxNbytes === null ? undefined : (bytesOf(maxNbytes) ?? MAX_NBYTES);
}
