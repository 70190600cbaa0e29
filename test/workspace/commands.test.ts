import { expect, test } from 'vitest';
import { program } from './program.ts';

const command = (...args: string[]) => program('node', ['scripts/run.mjs', ...args]);

test('an example that is not there: the message lists those that are', async () => {
  await expect(command('example', '99-nothing')).rejects.toThrow(
    /there is no 99-nothing in examples\/\. There are:\n\s+00-talk\n\s+01-char-ngrams\n/,
  );
  await expect(command('example')).rejects.toThrow(/say which one to run/);
  await expect(command('bench', '../examples/01-char-ngrams')).rejects.toThrow(/there is no/);
});

test('a command that is not there: the message lists those that are', async () => {
  await expect(command('demonstrate')).rejects.toThrow(/there is no command demonstrate\. There are: demo, example/);
});

test('nothing is installed again when nothing changed, with or without .ts in a name', async () => {
  const { stdout, stderr } = await command('example', '19-crash.ts');
  expect(stdout).toContain('999 fulfilled');
  expect(stderr).not.toContain('installing');
});
