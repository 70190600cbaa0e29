import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Verdict } from '../cases/run-cases.ts';
import type { NodeBinary } from './nodes.ts';
import { type OriginSpec, ROOT } from './origins.ts';

const run = promisify(execFile);

/** What one Node made of the cases from one origin. */
export interface Cell {
  readonly node: NodeBinary;
  readonly origin: OriginSpec;
  readonly verdicts: readonly Verdict[];
  /** Why there are none. */
  readonly skipped?: string;
  /** The program did not come to its end. */
  readonly broken?: string;
  readonly seconds: number;
}

/** Runs the cases of an origin, built already, with one Node. */
export async function runOrigin(
  node: NodeBinary,
  origin: OriginSpec,
  args: readonly string[],
  folder: string,
  only = '',
): Promise<Cell> {
  const skipped =
    node.missing === undefined ? tooOld(node, origin) : `Node ${node.major} is not available: ${node.missing}`;
  if (skipped !== undefined) return { node, origin, verdicts: [], skipped, seconds: 0 };
  const out = join(folder, `${node.major}.jsonl`);
  const env = {
    ...process.env,
    CASES_ORIGIN: origin.name,
    CASES_OUT: out,
    CASES_ONLY: only,
    NODE_OPTIONS: '',
    NODE_NO_WARNINGS: '1',
  };
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) Reflect.deleteProperty(env, name);
  const start = performance.now();
  let failure: string | undefined;
  try {
    await run(node.path as string, [...(origin.flags?.(node.major) ?? []), ...args], {
      cwd: ROOT,
      env,
      timeout: 600_000,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    failure = `${message}\n${stdout}\n${stderr}`;
  }
  const seconds = (performance.now() - start) / 1000;
  const lines = existsSync(out) ? readFileSync(out, 'utf8').trim().split('\n') : [];
  const parsed = lines.map((line) => JSON.parse(line) as Verdict & { count?: number; node?: string });
  const end = parsed.at(-1);
  const verdicts = parsed.filter(({ count }) => count === undefined);
  if (failure === undefined && end?.count !== verdicts.length)
    failure = `it ended after ${verdicts.length} cases, without a word`;
  if (failure === undefined && end?.node !== node.version) failure = `it ran on Node ${end?.node}`;
  return { node, origin, verdicts, seconds, ...(failure !== undefined && { broken: failure }) };
}

function tooOld(node: NodeBinary, { since, title }: OriginSpec): string | undefined {
  if (since === undefined) return undefined;
  const [major = 0, minor = 0] = (node.version ?? '').replace('v', '').split('.').map(Number);
  const isOld = major < since[0] || (major === since[0] && minor < since[1]);
  return isOld ? `${title}: from Node ${since.join('.')} on` : undefined;
}
