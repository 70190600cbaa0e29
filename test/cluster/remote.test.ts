import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGrpc } from '@jobloom/backends/grpc';
import { delayed, Parallel } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyInstalled, type Folders, makeFolders, makePackage } from '../codec/ship-folders.ts';
import { type RunningDaemon, startDaemon } from './daemons.ts';

const JOBS = ['--jobs', '2'];

/** A daemon whose packages are elsewhere than its caller's. */
describe('a daemon in another folder', () => {
  let folders: Folders;
  let daemon: RunningDaemon;
  let token: string;

  beforeAll(async () => {
    folders = makeFolders();
    const { home, worker, cache } = folders;
    copyInstalled('@grpc/grpc-js', home, true);
    const version = (value: string): Record<string, string> => ({
      'index.js': `export const whose = () => '${value}';`,
    });
    makePackage(join(home, 'node_modules', 'both'), { name: 'both', exports: './index.js' }, version('caller'));
    makePackage(join(worker, 'node_modules', 'both'), { name: 'both', exports: './index.js' }, version('daemon'));
    makePackage(join(home, 'node_modules', 'taken'), { name: 'taken', exports: './index.js' }, version('taken along'));
    mkdirSync(join(home, 'lib'));
    writeFileSync(join(home, 'lib', 'own.mjs'), "export const own = (x) => 'own ' + x;");
    token = join(folders.cache, 'token');
    writeFileSync(token, 'a token that only this test knows\n', { mode: 0o600 });
    daemon = await startDaemon({
      args: [...JOBS, '--base', worker, '--token-file', token],
      env: { JOBLOOM_PACKAGE_CACHE: cache },
      cwd: '/',
    });
  }, 60_000);
  afterAll(async () => {
    await daemon.kill();
    folders.remove();
  });

  /** Runs a program at the caller's home and gives what it prints. */
  async function atHome(name: string, program: string): Promise<unknown> {
    const text = `
      import { renameSync } from 'node:fs';
      import { Parallel, delayed, parallelBackend } from '@jobloom/parallel';
      const cluster = { workers: ['${daemon.address}'], tokenFile: '${token}' };
      ${program}`;
    writeFileSync(join(folders.home, `${name}.mjs`), text);
    const { stdout, stderr, code } = await folders.run(folders.home, [`${name}.mjs`]);
    expect({ stderr, code }).toEqual({ stderr: '', code: null });
    return JSON.parse(stdout) as unknown;
  }

  test('own files go along; references resolve from its base; a package that it lacks is named with the fix', async () => {
    const answer = await atHome(
      'references',
      `import { Session } from '@jobloom/codec';
       import { own } from './lib/own.mjs';
       import { whose } from 'both';
       import * as taken from 'taken';
       new Session({}).encode(() => taken.whose()); // knows from now on which package that is
       renameSync('node_modules/both', 'both-away'); // the daemon of this test sees the caller's disk
       renameSync('node_modules/taken', 'taken-away');
       const scope = (body) => parallelBackend('grpc', cluster, body);
       const found = await scope(() => new Parallel({}).run([
         delayed((x) => own(x))(1),
         delayed(async () => (await import('both')).whose())(),
         delayed(() => process.cwd())(),
       ]));
       const missing = await scope(() => new Parallel({}).run([delayed(() => taken.whose())()])).catch(({ message }) => message);
       renameSync('both-away', 'node_modules/both');
       renameSync('taken-away', 'node_modules/taken');
       console.log(JSON.stringify([found, missing]));`,
    );
    const [found, missing] = answer as [unknown[], string];
    expect(found).toEqual(['own 1', 'daemon', folders.worker]);
    expect(missing).toBe(
      `package taken 1.0.0, which the caller uses, is not installed where this worker runs (${folders.worker}). Install it there: npm install taken@1.0.0`,
    );
  });

  test("packages: 'ship' brings it, for tasks and for initWorker", async () => {
    const answer = await atHome(
      'ship',
      `import { parcelBytes, parcelsOf, Session } from '@jobloom/codec';
       import * as taken from 'taken';
       for (const hash of parcelsOf(new Session({ packages: 'ship' }).encode(() => taken.whose()).modules)) parcelBytes(hash);
       renameSync('node_modules/taken', 'taken-away');
       const [task] = await parallelBackend('grpc', cluster, () =>
         new Parallel({ packages: 'ship' }).run([delayed(() => taken.whose())()]));
       const initWorker = () => { globalThis.prepared = taken.whose(); };
       const [prepared] = await parallelBackend('grpc', { ...cluster, packages: 'ship', initWorker }, () =>
         new Parallel({}).run([delayed(() => globalThis.prepared)()]));
       renameSync('taken-away', 'node_modules/taken');
       console.log(JSON.stringify([task, prepared]));`,
    );
    expect(answer).toEqual(['taken along', 'taken along']);
  });
});

describe.each(['threads', 'processes'])('large arguments, with %s', (kind) => {
  let daemon: RunningDaemon;
  beforeAll(async () => {
    daemon = await startDaemon({ args: [...JOBS, '--kind', kind] });
  });
  afterAll(() => daemon.kill());

  const total = delayed((numbers: Float64Array, from: number) => {
    let sum = 0;
    for (let at = from; at < numbers.length; at += 1) sum += numbers[at] as number;
    return sum;
  });

  test('arrive as they are, once a daemon, and a second caller does not send them again', async () => {
    const numbers = new Float64Array(400_000).map((_, at) => at % 1000);
    const run = async (): Promise<{ results: number[]; sent: number }> => {
      await using backend = createGrpc({ workers: [daemon.address] });
      await using runner = new Parallel({ backend });
      const results = await runner.run([0, 399_999, 399_998, 0].map((from) => total(numbers, from)));
      return { results, sent: backend.blobBytesSent };
    };
    const results = [199_800_000, 999, 998 + 999, 199_800_000];
    expect(await run()).toEqual({ results, sent: numbers.byteLength });
    expect(await run()).toEqual({ results, sent: 0 });
    numbers[0] = 5;
    expect((await run()).sent).toBe(numbers.byteLength);
  });

  test('tasks go to the daemon that has them, also of a caller that never sent them', async () => {
    const other = await startDaemon({ args: [...JOBS, '--kind', kind] });
    try {
      const numbers = new Float64Array(300_000).map((_, at) => at % 7);
      const threads = kind === 'threads';
      const where = delayed((table: Float64Array) => [table.length, threads ? process.pid : process.ppid]);
      const run = async (workers: string[], nJobs: number): Promise<{ sent: number; at: Set<unknown> }> => {
        await using backend = createGrpc({ workers, minWorkers: workers.length });
        await using runner = new Parallel({ backend, nJobs, batchSize: 1 });
        const results = await runner.run([1, 2, 3, 4].map(() => where(numbers)));
        return { sent: backend.blobBytesSent, at: new Set(results.map(([, pid]) => pid)) };
      };
      const first = await run([daemon.address], 2);
      expect(first.sent).toBe(numbers.byteLength);
      for (const workers of [
        [other.address, daemon.address],
        [daemon.address, other.address],
      ])
        expect(await run(workers, 2)).toEqual({ sent: 0, at: first.at });
    } finally {
      await other.kill();
    }
  });

  test('so does long code; short code goes with what needs it', async () => {
    const run = async (length: number): Promise<{ results: number[]; sent: number }> => {
      await using backend = createGrpc({ workers: [daemon.address] });
      await using runner = new Parallel({ backend, nJobs: 2, batchSize: 1 });
      // a text of its own for each length: new Function is what a program with so much code in one function looks like
      const long = new Function('x', `const text = ${JSON.stringify('long '.repeat(length))}; return text.length + x;`);
      const results = await runner.run([0, 1, 2, 3].map((x) => delayed(long as (x: number) => number)(x)));
      return { results, sent: backend.blobBytesSent };
    };
    const first = await run(4_000);
    expect(first.results).toEqual([20_000, 20_001, 20_002, 20_003]);
    expect(first.sent).toBeGreaterThan(20_000);
    expect(first.sent).toBeLessThan(25_000); // once, for two workers
    expect(await run(4_000)).toEqual({ ...first, sent: 0 });
    expect(await run(100)).toEqual({ results: [500, 501, 502, 503], sent: 0 });
  });

  test('more than a daemon keeps at a time is refused, and the daemon goes on', async () => {
    const small = await startDaemon({ args: [...JOBS, '--kind', kind, '--max-blobs', '2000000'] });
    try {
      await using backend = createGrpc({ workers: [small.address], waitForWorkers: 500 });
      await using runner = new Parallel({ backend, nJobs: 1 });
      await expect(runner.run([total(new Float64Array(400_000), 0)])).rejects.toThrow(
        /has 3 MB, and the daemon keeps 2 MB of such at most: give it more \(--max-blobs, --max-memory\)/,
      );
      await using next = new Parallel({ backend, nJobs: 1 });
      expect(await next.run([total(new Float64Array(200_000).fill(1), 0)])).toEqual([200_000]);
    } finally {
      await small.kill();
    }
  });
});
