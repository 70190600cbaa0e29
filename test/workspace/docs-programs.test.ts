import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { program, root } from './program.ts';

/** A block of code in a page under docs/. */
interface Block {
  readonly page: string;
  readonly title: string;
  readonly language: string;
  readonly code: string;
}

const pages = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
const blocks = pages.flatMap(blocksOf);
const programs = blocks.filter(({ language, code }) => language === 'ts' && fileName(code) === undefined);
const python = blocks.filter(({ language }) => language === 'python');

// Beside the pools that pages compare with, so that they and our packages are found by name.
const folder = mkdtempSync(fileURLToPath(new URL('bench/.docs-', root)));
afterAll(() => rmSync(folder, { recursive: true }));

for (const page of pages) mkdirSync(`${folder}/${page}`);
for (const { page, code } of blocks) {
  const name = fileName(code);
  if (name !== undefined) writeFileSync(`${folder}/${page}/${name}`, code);
}
const files = programs.map(({ page, title, code }, at): [string, string, string] => {
  const file = `${folder}/${page}/program-${at}`;
  writeFileSync(`${file}.ts`, code); // for its types
  writeFileSync(`${file}.mjs`, transformSync(code, { loader: 'ts', target: 'node20' }).code);
  return [`${page}: ${title}`, `${file}.mjs`, code];
});

// Two at a time: much of each is the start of processes, which waits.
describe.concurrent('programs in docs/ print what they say', () => {
  test.each(files)('%s', async (_title, file, code) => {
    const { stdout } = await program('node', [file]);
    expect(lines(stdout)).toEqual(said(code, /console\.log\(.*\); \/\/ (.*)$/gm));
  });

  test('and their types are right', async () => {
    const config = { extends: `${fileURLToPath(root)}tsconfig.check.json`, include: ['**/*.ts'] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
    const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
    await program('node', [tsc, '-p', folder]);
  });
});

const joblib = versionOfJoblib();
if (joblib === undefined)
  console.log('skipped: joblib’s side of docs/ needs Python 3 with joblib (Debian: python3-joblib)');

describe.runIf(joblib !== undefined)('joblib’s side prints what it says', () => {
  test.each(python.map(({ page, title, code }): [string, string] => [`${page}: ${title}`, code]))(
    '%s',
    async (_, code) => {
      const { stdout } = await program('/usr/bin/python3', ['-c', code]);
      expect(lines(stdout)).toEqual(said(code, /print\(.*\) {2}# (.*)$/gm));
    },
  );
});

function blocksOf(page: string): Block[] {
  const text = readFileSync(new URL(`docs/${page}`, root), 'utf8');
  let title = '';
  return [...text.matchAll(/^#+ (.*)$|^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, heading, language, code]) => {
    if (heading !== undefined) title = heading;
    return language === undefined || code === undefined ? [] : [{ page, title, language, code }];
  });
}

/** The file that a block is, where its first line says so: `// worker.mjs`. */
function fileName(code: string): string | undefined {
  return /^\/\/ ([\w-]+\.\w+)\n/.exec(code)?.[1];
}

/** What a program says it prints: a comment behind each statement that does, its lines parted by ` | `. */
function said(code: string, comments: RegExp): string[] {
  return [...code.matchAll(comments)].flatMap(([, comment = '']) => comment.split(' | '));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function versionOfJoblib(): string | undefined {
  try {
    const code = 'import joblib; print(joblib.__version__)';
    return execFileSync('/usr/bin/python3', ['-c', code], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
