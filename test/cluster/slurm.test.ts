import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { providerContract } from '@jobloom/backends/contract';
import { createGrpc, type SlurmOptions, slurm as slurmProvider } from '@jobloom/backends/grpc';
import { delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withService } from '../services/service.ts';
import { type RunningSlurm, slurm, startSlurm } from '../services/slurm.ts';

const HERE = '127.0.0.1:0';
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);

/** Waits until so many tasks are under way; each says on which node. */
const meet = async (folder: string, name: string, count: number): Promise<string> => {
  const { mkdirSync, readdirSync, writeFileSync } = await import('node:fs');
  const { setTimeout } = await import('node:timers/promises');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}`, '');
  while (readdirSync(folder).length < count) await setTimeout(20);
  return process.env.SLURMD_NODENAME ?? '';
};

withService(slurm, () => {
  let cluster: RunningSlurm;
  let folder: string;
  /** A pilot at its time limit, which Slurm counts in minutes: it runs beside the other tests. */
  let limited: Promise<unknown[]>;
  const pilots = () => join(folder, 'pilots');
  const place = (name: string) => join(folder, name);
  const make = (options: SlurmOptions = {}) => slurmProvider({ folder: pilots(), pollMs: 100, ...options });
  const queue = (...args: string[]): string[] =>
    cluster
      .command('squeue', '--noheader', '--array', '--format=%i %T', ...args)
      .split('\n')
      .filter(Boolean);

  beforeAll(async () => {
    cluster = await startSlurm();
    process.env.SLURM_CONF = cluster.configuration;
    folder = mkdtempSync(join(tmpdir(), 'jobloom-slurm-'));
    limited = atTheLimit();
    limited.catch(() => undefined); // the last test tells
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function atTheLimit(): Promise<unknown[]> {
    const provider = make({ time: 1, drainSeconds: 1, sbatch: ['--nodelist=n1'] });
    await using backend = createGrpc({ provider, advertise: HERE });
    const task = async (mark: string): Promise<string> => {
      const { existsSync, writeFileSync } = await import('node:fs');
      const { setTimeout } = await import('node:timers/promises');
      if (existsSync(mark)) return 'the second pilot';
      writeFileSync(mark, '');
      await setTimeout(600_000);
      return 'the first pilot, in spite of its limit';
    };
    return await new Parallel({ backend, nJobs: 1, retries: 1 }).run([delayed(task)(place('limited'))]);
  }

  describe('pilots', () => {
    providerContract(test, () => make(), {
      kill: ({ detail }) => void execFileSync('scancel', ['--batch', '--signal=KILL', detail?.split(' ')[1] ?? '']),
    });
  });

  test('what Slurm and other users see of a job holds no secret', async () => {
    await using provider = make({ sbatch: ['--hold'] });
    const [token, key] = ['0123456789abcdef-token', '0123456789abcdef-key'];
    await provider.launch({ worker: 'a', address: '127.0.0.1:1', token, key, cert: 'certificate' });
    const [{ detail = '', state } = {}] = await provider.status();
    expect([state, detail]).toEqual(['starting', expect.stringMatching(/^job \d+_0 in the queue \(JobHeldUser\)$/)]);
    const job = detail.split(' ')[1] as string;
    const seen = [
      cluster.command('scontrol', 'show', 'job', '--details', job),
      cluster.command('scontrol', 'write', 'batch_script', job.split('_')[0] as string, '-'),
      execFileSync('grep', ['--recursive', '--files-with-matches', '0123456789abcdef', folder], { encoding: 'utf8' }),
    ];
    const orders = seen[2]?.trim() as string;
    expect(orders).toMatch(/\/0\.json$/);
    expect([statSync(orders).mode & 0o777, statSync(dirname(orders)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(seen[1]).toContain(dirname(orders));
    expect(seen.slice(0, 2).join('')).not.toContain('0123456789abcdef');
    expect(() => execFileSync('grep', ['-r', '0123456789abcdef', dirname(cluster.configuration)])).toThrow(); // none found
    await provider.close();
    expect(readdirSync(dirname(dirname(orders)))).not.toContain(dirname(orders).split('/').at(-1));
  });

  test('tasks go to pilots on both nodes; at the end nothing is left', async () => {
    const provider = make({ nodes: 2, cpusPerTask: 5, jobs: 1 });
    const nodes = await parallelBackend('grpc', { provider, advertise: HERE }, () =>
      new Parallel({ nJobs: 2, batchSize: 1 }).run(['a', 'b'].map((name) => delayed(meet)(place('both'), name, 2))),
    );
    expect(nodes.sort()).toEqual(['n1', 'n2']);
    expect(await provider.status()).toEqual([]);
    await expect.poll(() => queue().length, { timeout: 10_000 }).toBe(1); // the one at its limit
    expect(readdirSync(pilots())).toHaveLength(1);
  });

  test('pilots come while tasks wait, and go when none do', async () => {
    const provider = make({ min: 1, max: 3 });
    await using backend = createGrpc({ provider, advertise: HERE, idleMs: 100 });
    const runner = new Parallel({ backend, batchSize: 1 });
    expect(await runner.run([delayed((x: number) => x + 1)(1)])).toEqual([2]);
    expect(await provider.status()).toHaveLength(1);
    await runner.run(range(3).map((x) => delayed(meet)(place('grown'), `${x}`, 3)));
    await expect.poll(async () => (await provider.status()).length, { timeout: 20_000 }).toBe(1);
  });

  test('a node is lost with a pilot: its task runs again, and another pilot takes its place', async () => {
    const provider = make({ nodes: 2, cpusPerTask: 5, jobs: 1 });
    await using backend = createGrpc({ provider, advertise: HERE, lostAfter: 1_000 });
    const runner = new Parallel({ backend, nJobs: 2, batchSize: 1, retries: 1 });
    const started = place('lost');
    const task = async (folder: string, name: string): Promise<string> => {
      const { existsSync, mkdirSync, writeFileSync } = await import('node:fs');
      const { setTimeout } = await import('node:timers/promises');
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/${name}-${process.env.SLURMD_NODENAME}`, '');
      while (!existsSync(`${folder}/go`)) await setTimeout(20);
      return name;
    };
    const results = runner.run(['a', 'b'].map((name) => delayed(task)(started, name)));
    await expect
      .poll(
        () =>
          here(started)
            .map((name) => name.slice(2))
            .sort(),
        { timeout: 30_000 },
      )
      .toEqual(['n1', 'n2']);
    await cluster.killNode('n2');
    writeFileSync(join(started, 'go'), '');
    expect(await results).toEqual(['a', 'b']);
    await cluster.startNode('n2');
    const settled = async () => (await provider.status()).filter(({ state }) => state === 'running').length;
    await expect.poll(settled, { timeout: 30_000 }).toBe(2);
  });

  test('SIGTERM to a job: what runs comes to its end, what waits goes elsewhere, and another pilot comes', async () => {
    const provider = make({ jobs: 1 });
    await using backend = createGrpc({ provider, advertise: HERE });
    const runner = new Parallel({ backend, nJobs: 1, batchSize: 1 });
    mkdirSync(place('drained'));
    const task = async (folder: string, name: string): Promise<string> => {
      const { existsSync, writeFileSync } = await import('node:fs');
      const { setTimeout } = await import('node:timers/promises');
      writeFileSync(`${folder}/${name}`, '');
      while (!existsSync(`${folder}/go`)) await setTimeout(20);
      return process.env.SLURM_JOB_ID ?? '';
    };
    const results = runner.run(['a', 'b'].map((name) => delayed(task)(place('drained'), name)));
    await expect.poll(() => here(place('drained')), { timeout: 30_000 }).toEqual(['a']);
    const [{ detail = '' } = {}] = await provider.status();
    execFileSync('scancel', ['--full', '--signal=TERM', detail.split(' ')[1] ?? '']);
    await expect.poll(async () => (await provider.status()).length, { timeout: 30_000 }).toBe(2); // meanwhile
    writeFileSync(join(place('drained'), 'go'), '');
    const [first, second] = await results;
    expect(first).toMatch(/^\d+$/);
    expect(second).not.toBe(first);
  });

  test('what a dead program left is removed by the next, with its jobs', async () => {
    const { realm } = await import('../../packages/backends/src/process-identity.ts');
    const left = join(pilots(), `${realm()}-${process.pid}-1-abcd`); // this number once, long ago
    const script = '#!/bin/sh\nexec sleep 600\n';
    const job = execFileSync('sbatch', ['--parsable', '--hold'], { input: script, encoding: 'utf8' }).trim();
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'job'), job);
    await using provider = make({ sbatch: ['--hold'] });
    await provider.launch({ worker: 'a', address: '127.0.0.1:1', token: 'a-token-of-no-use' });
    expect(readdirSync(pilots())).not.toContain(`${realm()}-${process.pid}-1-abcd`);
    await expect.poll(() => queue(`--jobs=${job}`, '--states=PENDING')).toEqual([]);
  });

  test('pilots that cannot start: the error says what they wrote', async () => {
    const provider = make({ command: ['/bin/sh', '-c', 'echo no such program here >&2; exit 3'] });
    await using backend = createGrpc({ provider, advertise: HERE, waitForWorkers: 6_000 });
    await expect(new Parallel({ backend }).run([delayed(() => 1)()])).rejects.toThrow(
      /job \d+_0 on n[12] ended as FAILED, exit code 3:0; it wrote last: no such program here/,
    );
  });

  test('at its time limit a pilot is ended: its task runs again in the next', { timeout: 150_000 }, async () => {
    expect(await limited).toEqual(['the second pilot']);
    await expect.poll(() => queue('--states=RUNNING,PENDING'), { timeout: 10_000 }).toEqual([]);
  });
});

function here(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nobody has begun
  }
}
