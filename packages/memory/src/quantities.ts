import { OptionError } from './option-error.ts';

/** Milliseconds, or a number with a unit: `'500ms'`, `'10s'`, `'5m'`, `'12h'`, `'1d'`, `'2w'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`;

/** Bytes, or a number with a unit of 1,024: `'64K'`, `'500M'`, `'1G'`, `'2T'`. */
export type Size = number | `${number}${'K' | 'M' | 'G' | 'T'}`;

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const BYTES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** @throws OptionError for what is none, or negative */
export function milliseconds(option: string, value: Duration): number {
  return quantity(option, value, MS, "milliseconds, or a text like '10s', '5m', '12h', '1d'");
}

/** @throws OptionError for what is none, or negative */
export function bytes(option: string, value: Size): number {
  return quantity(option, value, BYTES, "bytes, or a text like '64K', '500M', '1G'");
}

function quantity(option: string, value: unknown, units: Readonly<Record<string, number>>, form: string): number {
  const [, number, unit = ''] = typeof value === 'string' ? (/^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(value) ?? []) : [];
  const result = typeof value === 'number' ? value : Number(number) * (units[unit] ?? Number.NaN);
  if (result >= 0) return result;
  throw new OptionError(`${option} must be ${form}; 0 or more. Got ${JSON.stringify(value) ?? String(value)}.`);
}
