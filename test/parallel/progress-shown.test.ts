import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { program } from '../workspace/program.ts';

const fixture = fileURLToPath(new URL('fixtures/progress.mjs', import.meta.url));
const LINE = /^\[Parallel\(nJobs=2\)\] /;

/** Numbers of seconds differ from run to run. */
const untimed = (text: string): string => text.replace(/[\d.]+ s\b/g, 'T s');

async function run(options: object) {
  const { stdout, stderr } = await program('node', [fixture, JSON.stringify(options)]);
  return { stdout: untimed(stdout), stderr: untimed(stderr) };
}

describe('where stderr is no terminal', () => {
  test('level 0 is silent', async () => {
    expect(await run({ verbose: 0 })).toEqual({ stdout: '', stderr: '' });
  });

  test('level 1: the first task and the last', async () => {
    const { stdout, stderr } = await run({ verbose: 1, ms: 150 });
    expect(stdout).toBe('');
    expect(stderr).toBe(
      '[Parallel(nJobs=2)] 1 of 4 done in T s, about T s left\n[Parallel(nJobs=2)] 4 of 4 done in T s\n',
    );
  });

  test('failures are counted; an input without a length has its total at the end', async () => {
    const { stderr } = await run({ verbose: 1, endless: true, fails: 2 });
    expect(stderr).toBe('[Parallel(nJobs=2)] 1 done in T s\n[Parallel(nJobs=2)] 4 of 4 done, 1 failed in T s\n');
  });

  test('level 50 goes to stdout', async () => {
    const { stdout, stderr } = await run({ verbose: 50 });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('[Parallel(nJobs=2)] 4 of 4 done in T s');
  });

  test('no tasks: one line', async () => {
    expect((await run({ verbose: 10, tasks: 0 })).stderr).toBe('[Parallel(nJobs=2)] 0 of 0 done in T s\n');
  });

  test('what tasks print comes behind their index, among the lines', async () => {
    const { stdout, stderr } = await run({ verbose: 1, captureConsole: true });
    expect(stdout.trimEnd().split('\n').sort()).toEqual([0, 1, 2, 3].map((x) => `[task ${x}] hello from ${x}`));
    for (const line of stderr.trimEnd().split('\n')) expect(line).toMatch(LINE);
  });
});

const found = spawnSync('script', ['--version']).status === 0;
if (!found) console.log('skipped: a run on a real terminal needs `script`, of the Debian package bsdutils');

/** A run on a terminal of its own, of 100 columns: what it shows, escapes as ␛, and how it ends. */
function onTerminal(options: object, env: Readonly<Record<string, string>> = {}) {
  const command = `stty cols 100; exec '${process.execPath}' '${fixture}' '${JSON.stringify(options)}'`;
  const { PATH = '', HOME = '' } = process.env;
  const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], {
    // nothing else: CI, NO_COLOR, COLORTERM and others decide on colours too
    env: { PATH, HOME, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { shown: untimed(stdout).replaceAll('\r\n', '\n').replaceAll('\x1b', '␛'), status };
}

describe.runIf(found)('on a terminal', () => {
  const HIDDEN_CURSOR = '␛[?25l';

  test('a bar, which leaves one line behind', () => {
    const { shown, status } = onTerminal({ verbose: 1, ms: 300, fails: 1 });
    expect(status).toBe(0);
    expect(shown).toMatch(/␛\[1G█+░+ \d of 4, [\d.]+\/s, about T s left, 2 workers, ␛\[31m1 failed␛\[39m␛\[0K/);
    expect(shown).toMatch(/␛\[2K␛\[1G\[Parallel\(nJobs=2\)\] 4 of 4 done, 1 failed in T s\n$/);
    expect(shown).not.toContain(HIDDEN_CURSOR);
  });

  test('without colours where NO_COLOR is set', () => {
    const { shown } = onTerminal({ verbose: 1, ms: 300, fails: 1 }, { NO_COLOR: '1' });
    expect(shown).toContain('2 workers, 1 failed');
    expect(shown).not.toContain('␛[31m');
  });

  test('what tasks print goes above the bar', () => {
    const { shown } = onTerminal({ verbose: 1, ms: 300, captureConsole: true });
    for (const x of [0, 1, 2, 3]) expect(shown).toMatch(new RegExp(`(^|G|\n)\\[task ${x}\\] hello from ${x}\n`));
  });

  test('SIGINT ends the program as ever, with the cursor as it was', () => {
    const { shown, status } = onTerminal({ verbose: 1, ms: 2000, interrupt: true });
    expect(status).toBe(130);
    expect(shown).toContain('0 of 4');
    expect(shown).not.toContain(HIDDEN_CURSOR);
  });

  test('a dumb terminal gets lines', () => {
    const { shown } = onTerminal({ verbose: 1 }, { TERM: 'dumb' });
    expect(shown).toContain('[Parallel(nJobs=2)] 4 of 4 done in T s\n');
    expect(shown).not.toContain('␛[');
  });
});
