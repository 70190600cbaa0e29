import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { program, root } from './program.ts';

const base = fileURLToPath(root);
const pages = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.md') && !file.includes('node_modules') && !file.startsWith('.'),
);

test.each(pages)('links in %s lead somewhere', (page) => {
  const text = readFileSync(resolve(base, page), 'utf8');
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => !/^https?:/.test(link) && !existsSync(resolve(base, dirname(page), link)));
  expect(broken).toEqual([]);
});

describe('programs in docs/functions.md', () => {
  // inside the repository, so that packages are found by name
  const folder = mkdtempSync(join(base, 'test/workspace/.docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const text = readFileSync(join(base, 'docs/functions.md'), 'utf8');
  const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

  test.each(programs.map((code, at) => ({ code, at })))('program $at prints what it says', async ({ code, at }) => {
    const file = join(folder, `${at}.ts`);
    writeFileSync(file, code);
    const { stdout } = await program('node', ['--import', 'tsx', file]);
    const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line = '']) => line);
    expect(said.length).toBeGreaterThan(0);
    expect(stdout.trim().split('\n')).toEqual(said);
  });
});
