import { show as brief } from '../base/constraints.ts';
import type { CvResults } from './cv-results.ts';

/** A search as a table of text, by rank. */
export function tableOf(results: CvResults): string {
  const columns = results as unknown as Record<string, ArrayLike<unknown>>;
  const names = Object.keys(columns);
  const scores = names.flatMap((name) => (name.startsWith('mean_test_') ? [name.slice('mean_test_'.length)] : []));
  const params = names.filter((name) => name.startsWith('param_'));
  const hasTrain = names.some((name) => name.startsWith('mean_train_'));
  const ranks = columns[`rank_test_${scores[0]}`] as Int32Array;
  const order = Array.from(ranks.keys()).sort((a, b) => (ranks[a] as number) - (ranks[b] as number));
  const cell = (name: string, row: number): unknown => columns[name]?.[row];
  const number = (name: string, row: number, digits: number): string => (cell(name, row) as number).toFixed(digits);
  const spread = (name: string, row: number): string =>
    `${number(`mean_${name}`, row, 4)} ±${number(`std_${name}`, row, 4)}`;
  const rows = order.map((row) => [
    String(ranks[row]),
    ...params.map((name) => (cell(name, row) === undefined ? '' : show(cell(name, row)))),
    ...scores.flatMap((score) => [spread(`test_${score}`, row), ...(hasTrain ? [spread(`train_${score}`, row)] : [])]),
    number('mean_fit_time', row, 3),
    number('mean_score_time', row, 3),
  ]);
  const heads = scores.flatMap((score) => [`test ${score}`, ...(hasTrain ? [`train ${score}`] : [])]);
  const head = ['rank', ...params.map((name) => name.slice('param_'.length)), ...heads, 'fit s', 'score s'];
  return aligned([head, ...rows]);
}

/** A value of a parameter: small plain ones as they are written. */
function show(value: unknown): string {
  if (typeof value !== 'object' || value === null) return brief(value);
  if (Object.getPrototypeOf(value) !== Object.prototype) return brief(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${show(each)}`)
    .join(', ')} }`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] as number)).join('  ')).join('\n');
}
