import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Fn = (x: number) => number;
export interface Module {
  readonly f: Fn;
  readonly runs: { count: number };
}

/** Node's own, not that of the test runner. */
const load = createRequire(import.meta.url)('./fixtures/load.cjs') as (url: string) => Promise<unknown>;
let versions = 0;

/** A module with `f` and what it uses, as a program finds it at its start. */
export async function versionOf(root: string, text: string): Promise<Module> {
  versions += 1;
  const folder = join(root, 'source');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'lib.mjs');
  writeFileSync(file, `import { runs } from './runs.mjs';\n${text}\nexport { runs };\n`);
  writeFileSync(join(folder, 'runs.mjs'), 'export const runs = { count: 0 };\n');
  return (await load(`${pathToFileURL(file).href}?${versions}`)) as Module;
}

/** A function with a helper. */
export const A = `
const round = (x) => Math.round(x);
export function f(x) {
  runs.count += 1;
  return round(x * 1.4);
}`;
/** The same with another helper. */
export const B: string = A.replace('Math.round', 'Math.ceil');
