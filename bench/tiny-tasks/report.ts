import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { joblibVersion } from './joblib.ts';
import type { RoundTrip } from './round-trip.ts';

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Where and with what it was measured. */
export function circumstances(): string {
  const [cpu] = cpus();
  const versions = ['piscina', 'tinypool', 'workerpool', 'poolifier'].map((name) => `${name} ${versionOf(name)}`);
  const python = joblibVersion();
  if (python !== undefined) versions.push(`joblib ${python}`);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, ${process.platform}, Node ${process.versions.node}; ${versions.join(', ')}`;
}

function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Microseconds a task by runner, as a table with ratios to the first two. */
export function taskTable(measured: ReadonlyMap<string, readonly number[]>): string {
  const [first, second] = [...measured.values()].map(median);
  const rows = [...measured].map(([name, all]) => {
    const middle = median(all);
    const range = `${format(Math.min(...all))}-${format(Math.max(...all))}`;
    return `| ${name} | ${format(middle)} | ${range} | ${format(middle / (first ?? 1))}x | ${format(middle / (second ?? 1))}x |`;
  });
  const [a, b] = [...measured.keys()];
  const head = `| runner | us a task, median | range | / ${a} | / ${b} |\n|---|---|---|---|---|`;
  return [head, ...rows].join('\n');
}

export function tripTable(trips: readonly RoundTrip[]): string {
  const rows = trips.map(
    ({ backend, raw, block, rawP50, p50 }) =>
      `| ${backend} | ${block === 1 ? 'one by one' : `${block} at a time`} | ${format(p50)} | ${format(rawP50)} (${raw}) | ${format(p50 / rawP50)}x |`,
  );
  return [
    '| backend | in turn | one task, p50 us | bare channel, p50 us | ratio |\n|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function format(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}
