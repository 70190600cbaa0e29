import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { root } from './program.ts';

const base = fileURLToPath(root);
const pages = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.md') && !/(^|\/)(node_modules|\.)/.test(file), // what tests write is in folders with a dot
);

test.each(pages)('links in %s lead somewhere', (page) => {
  const text = readFileSync(resolve(base, page), 'utf8');
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => !/^https?:/.test(link) && !existsSync(resolve(base, dirname(page), link)));
  expect(broken).toEqual([]);
});
