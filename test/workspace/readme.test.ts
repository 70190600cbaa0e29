import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { program, root } from './program.ts';
import { readmePrograms } from './readme-programs.ts';

// Inside the repository, so that packages are found by name.
const folder = mkdtempSync(fileURLToPath(new URL('test/workspace/.readme-', root)));
afterAll(() => rmSync(folder, { recursive: true }));

describe('programs in README.md', () => {
  test.each(readmePrograms())('%s', async (_title, code) => {
    const file = `${folder}/${Math.random()}.ts`.replace('0.', '');
    writeFileSync(file, code);
    const { stdout } = await program('node', ['--import', 'tsx', file]);
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(expectedLines(code));
  });
});

/** What a program says it prints: comments behind console.log, up to the first ' on ' or ':' or words after a number. */
function expectedLines(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].flatMap(([, comment = '']) => said(comment));
}

function said(comment: string): string[] {
  if (comment.startsWith('[')) return [comment.slice(0, comment.indexOf(']') + 1)];
  const number = /^[\d.]+/.exec(comment);
  return number === null ? comment.split(', ') : [number[0].replace(/\.$/, '')];
}
