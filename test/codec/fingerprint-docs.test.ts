import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { Programs } from './programs.ts';

const run = promisify(execFile);
const page = readFileSync(new URL('../../docs/fingerprints.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code);
const programs = new Programs();
afterAll(() => programs.remove());

test.each(examples.map((code, at) => [at + 1, code] as const))('example %i prints what it says', async (_at, code) => {
  const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text]) => text);
  expect(said.length).toBeGreaterThan(0);
  const { stdout } = await run(process.execPath, [join(programs.write({ 'main.mjs': code }), 'main.mjs')]);
  expect(stdout.trim().split('\n')).toEqual(said);
});
