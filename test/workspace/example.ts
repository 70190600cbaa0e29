import { expect } from 'vitest';
import { program } from './program.ts';

/** For examples that fit models, on a machine that has other things to do. */
export const LONG = 280_000;

/** What 16-cached-pipeline prints. */
export const CACHED = [
  'first fit: 3 of 3 steps',
  'again: 0',
  'another helper in the second: 2',
  'and back: 0',
  'the same scores: true',
  'fitted again for the second search: 0',
  '2 daemons at once: 3 fits of 3 steps',
  '',
];

/** And on every backend it is this. */
export const MOVIE_REVIEWS = [
  '   1  0.001  0.7452 ±0.0115',
  '   2    0.1  0.7289 ±0.0079',
  'best {"lr__C":0.001}: ROC AUC 0.7452 by cross-validation',
  'test ROC AUC 0.7841',
  'all scores [[0.7393483709273183,0.7349624060150376,0.7612781954887218],[0.7180451127819548,0.7318295739348372,0.7368421052631579]]',
];

/** Runs an example of `examples/`, in the project's root. */
export function example(name: string, ...args: string[]): ReturnType<typeof program> {
  return exampleIn(process.env, name, ...args);
}

/** The same with other environment variables. */
export function exampleIn(env: NodeJS.ProcessEnv, name: string, ...args: string[]): ReturnType<typeof program> {
  return program('node', ['--import', 'tsx', `examples/${name}.ts`, ...args], { timeout: LONG, env });
}

/** Names of the lines of an example whose lines end with one and the same digest. */
export function digests(stdout: string): string[] {
  const lines = stdout.trimEnd().split('\n');
  expect(new Set(lines.map((line) => /sha256:[0-9a-f]{64}$/.exec(line)?.[0])).size).toBe(1);
  return lines.map((line) => line.replace(/ \d+ ms sha256:\w+$/, ''));
}

/** What 11-movie-reviews --quick prints on a backend, but for times. */
export async function movieReviews(backend: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const { stdout } = await exampleIn(env, '11-movie-reviews', '--quick', '--backend', backend);
  const [, ...rows] = stdout.split('\n');
  return rows.slice(0, 5).map((row) => row.replace(/( +\d+\.\d{3}){2}$/, ''));
}
