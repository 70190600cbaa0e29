import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delayed, Parallel, parallel, share } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const PLACE = '/dev/shm';
const FIXTURE = fileURLToPath(new URL('fixtures/bulk-parent.mjs', import.meta.url));
/** A small place for files in memory takes the right to mount one. */
const mayMount = spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!mayMount) console.log('skipped without the right to mount: what happens without room in memory');
const isLinux = process.platform === 'linux' && existsSync(PLACE);
const foldersOf = (pid: number | undefined): string[] =>
  [PLACE, tmpdir()].flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith('jobloom-bulk-') && name.split('-')[3] === String(pid))
      .map((name) => join(place, name)),
  );
const filesOf = (pid: number | undefined): number =>
  foldersOf(pid).reduce((sum, folder) => sum + readdirSync(folder).length, 0);

const program = (how: string): ChildProcess =>
  spawn(process.execPath, [FIXTURE, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const until = async (what: () => boolean): Promise<void> => {
  for (const end = Date.now() + 20_000; !what(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > end) throw new Error('not within 20 s');
};

describe.runIf(isLinux)('files in memory', () => {
  test.each(['ends', 'disposes'])('a program that %s leaves none', async (how) => {
    const child = program(how);
    const [code] = await once(child, 'exit');
    expect([code, foldersOf(child.pid)]).toEqual([0, []]);
  });

  test('of a program that was killed are removed when the next one starts', async () => {
    const child = program('waits');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const folders = foldersOf(child.pid);
    expect(folders.length).toBeGreaterThanOrEqual(1);
    for (const folder of folders)
      expect([statSync(folder).mode & 0o777, folder.startsWith(PLACE)]).toEqual([0o700, true]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = program('ends');
    await once(next, 'exit');
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });

  test('of a live program, and what is not ours, stay', async () => {
    const child = program('waits');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const before = foldersOf(child.pid);
    const other = join(PLACE, 'jobloom-bulk-0123456789-999999-1-aa');
    mkdirSync(other, { recursive: true });
    await once(program('ends'), 'exit');
    expect(before.every((folder) => existsSync(folder))).toBe(true);
    expect(existsSync(other)).toBe(true); // of another system or container, for all that can be known
    rmSync(other, { recursive: true });
    child.kill('SIGTERM');
    await once(child, 'exit');
    await once(program('ends'), 'exit');
    expect(before.filter((folder) => existsSync(folder))).toEqual([]);
  });

  test('a shared value’s file goes when it is disposed of', async () => {
    const before = filesOf(process.pid);
    const shared = share(new Float64Array(1_000_000));
    await parallel([delayed((s: typeof shared) => s.value.length)(shared)], { backend: 'processes', nJobs: 1 });
    expect(filesOf(process.pid)).toBe(before + 1);
    shared.dispose();
    expect(filesOf(process.pid)).toBe(before);
  });

  test('a worker that is killed while it sends a large result: its task is lost, its files are gone', async () => {
    await using runner = new Parallel({ backend: 'processes', nJobs: 2, recycleAfter: 1000 });
    const make = (at: number) => {
      if (at === 1) process.nextTick(() => process.kill(process.pid, 'SIGKILL'));
      return new Uint8Array(8_000_000).fill(at);
    };
    const settled = await runner.settle([0, 1, 2, 3].map((at) => delayed(make)(at)));
    for (const [at, each] of settled.entries()) {
      if (each.status === 'fulfilled') expect([each.value.length, each.value[77]]).toEqual([8_000_000, at]);
      else expect([at, each.reason.code]).toEqual([1, 'ERR_WORKER_LOST']);
    }
    await runner.close();
    await until(() => filesOf(process.pid) <= 4); // spare files of workers that are shared with others
  });

  test.runIf(mayMount)('without room in memory, the folder for temporary files is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-test-'));
    const script = `mount -t tmpfs -o size=1m tmpfs ${PLACE} && exec "$0" "$1" waits`;
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, process.execPath, FIXTURE], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const found = readdirSync(folder).filter((name) => name.startsWith('jobloom-bulk-'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
    expect(found.length).toBeGreaterThanOrEqual(1);
  });
});
