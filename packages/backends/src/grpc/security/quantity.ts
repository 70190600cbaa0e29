import { OptionError } from '../../errors.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of `512m`, `4G`, `1.5 GiB` or a plain number. Units are powers of 1024. @throws OptionError for anything else */
export function parseBytes(text: string, option: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (!(bytes > 0))
    throw new OptionError(`${option} must be a size, 512M or 4G for example. Got ${JSON.stringify(text)}.`);
  return bytes;
}
