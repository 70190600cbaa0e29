import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { delayed, Parallel, parallelBackend, WorkerLostError } from '@jobloom/parallel';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePorts, type Service, withService } from '../services/service.ts';
import { startProxy, type TcpProxy } from '../services/tcp-proxy.ts';
import { makeCertificates } from './certificates.ts';
import { type DaemonArgs, type RunningDaemon, startDaemon } from './daemons.ts';
import { FaultTable } from './fault-table.ts';

const table = new FaultTable();
const folder = mkdtempSync(join(tmpdir(), 'jobloom-faults-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'a token of this test alone, 1234\n', { mode: 0o600 });
afterAll(() => {
  table.print();
  rmSync(folder, { recursive: true });
});

const daemons: RunningDaemon[] = [];
const proxies: TcpProxy[] = [];
afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.kill()));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function daemon(more: DaemonArgs = {}): Promise<RunningDaemon> {
  const started = await startDaemon({
    ...more,
    args: ['--jobs', '2', '--token-file', tokenFile, ...(more.args ?? [])],
  });
  daemons.push(started);
  return started;
}

async function proxyTo({ address }: RunningDaemon): Promise<TcpProxy> {
  const proxy = await startProxy(Number(address.split(':')[1]));
  proxies.push(proxy);
  return proxy;
}

/** Ends of workers, as this process hears of them. */
let exits: { worker: string; error?: unknown; at: number }[] = [];
const hear = (message: unknown): void => void exits.push({ ...(message as { worker: string }), at: performance.now() });
beforeEach(() => {
  exits = [];
  subscribe('jobloom:worker:exit', hear);
});
afterEach(() => void unsubscribe('jobloom:worker:exit', hear));

const COUNT = 300;
const expected = Array.from({ length: COUNT }, (_, x) => x * x);
/** Takes 40 ms and says where it ran. */
const square = async (x: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  return x * x;
};

const squares = (count: number) => Array.from({ length: count }, (_, x) => delayed(square)(x));

/** Tasks run on this daemon, sooner or later. */
async function usedAgain(parallel: Parallel, { child }: RunningDaemon): Promise<void> {
  const where = delayed(async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    return process.ppid;
  });
  const places = async () => new Set(await parallel.run(Array.from({ length: 16 }, () => where())));
  await expect.poll(places, { timeout: 20_000 }).toContain(child.pid);
}

/** Runs tasks on these daemons; `during` is called when a third of them is over. */
async function runOn(
  workers: string[],
  during: () => unknown,
  more: { lostAfter?: number; clientLostAfter?: number } = {},
  count: number = COUNT,
): Promise<number[]> {
  const options = { workers, tokenFile, ...more };
  return parallelBackend('grpc', options, async () => {
    const parallel = new Parallel({ nJobs: -1, batchSize: 1, idempotent: true });
    const results: number[] = [];
    for await (const result of parallel.stream(squares(count))) {
      results.push(result as number);
      if (results.length === count / 3) await during();
    }
    return results;
  });
}

/** The first end of a worker after a moment, and how long after. */
const noticedAfter = (since: number): number | undefined => exits.find(({ at }) => at > since)?.at;
const msSince = (since: number): number => Math.round((noticedAfter(since) ?? Number.NaN) - since);

describe('a daemon is gone', () => {
  test('kill -9 in mid-run: the rest runs elsewhere', async () => {
    const [a, b] = [await daemon(), await daemon()];
    let since = 0;
    const results = await runOn([a.address, b.address], async () => {
      since = performance.now();
      await b.kill();
    });
    expect(results).toEqual(expected);
    table.add('daemon: kill -9', 'its stream ends', msSince(since), 'tasks under way run again on the other daemon');
  });

  test.each([
    ['in both directions', undefined],
    ['from the daemon to the client', 'to the client'],
    ['from the client to the daemon', 'to the server'],
  ] as const)(
    'nothing passes any more %s: lost after lostAfter, and used again once healed',
    async (way, direction) => {
      const [a, b] = [await daemon(), await daemon()];
      const proxy = await proxyTo(b);
      let since = 0;
      const options = { workers: [a.address, `127.0.0.1:${proxy.port}`], tokenFile };
      await parallelBackend('grpc', options, async () => {
        const parallel = new Parallel({ nJobs: -1, batchSize: 1, idempotent: true });
        await parallel.run(squares(8));
        const run = parallel.run(squares(COUNT));
        since = performance.now();
        proxy.stall(direction);
        expect(await run).toEqual(expected);
        proxy.heal();
        await usedAgain(parallel, b);
      });
      const lost = exits.find(({ at }) => at > since);
      expect(String((lost?.error as Error | undefined)?.message)).toMatch(/has not answered for 2000 ms/);
      table.add(`half-open: nothing passes ${way}`, 'beats are not answered', msSince(since), 'as above');
    },
  );

  test('a delay of 150 ms each way is no loss', async () => {
    const b = await daemon();
    const proxy = await proxyTo(b);
    proxy.delay(150);
    const results = await runOn([`127.0.0.1:${proxy.port}`], () => undefined, {}, 30);
    expect(results).toEqual(expected.slice(0, 30));
    expect(exits.filter(({ error }) => error !== undefined)).toEqual([]);
    table.add('150 ms of delay each way', 'nothing', undefined, 'no task is lost');
  });

  test('SIGSTOP for 10 s and back: lost meanwhile, its late answers are not taken, and it is used again', async () => {
    const [a, b] = [await daemon(), await daemon()];
    let since = 0;
    const options = { workers: [a.address, b.address], tokenFile };
    await parallelBackend('grpc', options, async () => {
      const parallel = new Parallel({ nJobs: -1, batchSize: 1, idempotent: true });
      const first = parallel.run(squares(COUNT));
      await parallel.run(squares(8));
      since = performance.now();
      b.child.kill('SIGSTOP');
      const resumed = new Promise<void>((resolve) =>
        setTimeout(() => {
          b.child.kill('SIGCONT');
          resolve();
        }, 10_000),
      );
      expect(await first).toEqual(expected);
      await resumed;
      await usedAgain(parallel, b);
    });
    table.add(
      'daemon: SIGSTOP for 10 s and back',
      'beats are not answered',
      msSince(since),
      'used again after SIGCONT; nothing is counted twice',
    );
  }, 60_000);

  test('one that dies and is started again is used again', async () => {
    const [port = 0] = await freePorts(1);
    const args = ['--listen', `127.0.0.1:${port}`];
    const first = await daemon({ args });
    await parallelBackend('grpc', { workers: [first.address], tokenFile }, async () => {
      const parallel = new Parallel({ nJobs: -1, batchSize: 1, idempotent: true });
      expect(await parallel.run([delayed(square)(3)])).toEqual([9]);
      await first.kill();
      const since = performance.now();
      const run = parallel.run([delayed(square)(4)]);
      await daemon({ args });
      expect(await run).toEqual([16]);
      table.add(
        'daemon: dies, and is started again',
        'connections are tried again',
        Math.round(performance.now() - since),
        'the call goes on; milliseconds until its result, the start of the daemon among them',
      );
    });
  });
});

describe('a client is busy', () => {
  test('blocked for 5 s: neither lost nor does it take daemons for lost', async () => {
    const a = await daemon();
    const results = await runOn(
      [a.address],
      () => {
        const until = performance.now() + 5_000;
        while (performance.now() < until);
      },
      { lostAfter: 2_000, clientLostAfter: 2_500 },
    );
    expect(results).toEqual(expected);
    expect(exits.filter(({ error }) => error !== undefined)).toEqual([]);
    table.add(
      'client: blocked for 5 s',
      'nothing (lostAfter 2 s, clientLostAfter 2.5 s)',
      undefined,
      'no task is lost',
    );
  });

  test('mutual TLS: beats go by it too', async () => {
    const of = await makeCertificates();
    const file = (name: string, pem: string): string => {
      writeFileSync(join(folder, name), pem, { mode: 0o600 });
      return join(folder, name);
    };
    const cert = ['--tls-cert', file('server.pem', of.server.cert), '--tls-key', file('server.key', of.server.key)];
    const a = await daemon({ args: [...cert, '--tls-ca', file('ca.pem', of.ca.cert)] });
    const tls = { ca: of.ca.cert, ...of.client };
    await parallelBackend(
      'grpc',
      { workers: [a.address], tokenFile, tls, lostAfter: 1_500, clientLostAfter: 1_500 },
      async () => {
        const parallel = new Parallel({ nJobs: -1, batchSize: 1 });
        expect(await parallel.run(squares(120))).toEqual(expected.slice(0, 120)); // takes 2.4 s
      },
    );
    expect(exits.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('a daemon whose CPUs are all taken by its tasks is not lost', async () => {
    const a = await daemon({ args: ['--jobs', '6'] });
    const spin = delayed((ms: number) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
      return 1;
    });
    await parallelBackend('grpc', { workers: [a.address], tokenFile }, async () => {
      const parallel = new Parallel({ nJobs: -1, batchSize: 1 });
      expect(await parallel.run(Array.from({ length: 12 }, () => spin(2_000)))).toEqual(Array(12).fill(1));
    });
    expect(exits.filter(({ error }) => error !== undefined)).toEqual([]);
    table.add('daemon: 6 endless loops on its CPUs', 'nothing', undefined, 'no task is lost');
  });
});

describe('a client is gone', () => {
  const CLIENT = fileURLToPath(new URL('fixtures/endless-client.mjs', import.meta.url));

  /** A client in a process of its own, with a task that never ends. */
  async function client(address: string): Promise<{ kill(signal: NodeJS.Signals): void; workerPid: number }> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, CLIENT, address, tokenFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = await new Promise<string[]>((resolve) =>
      createInterface({ input: child.stdout }).once('line', (line) => resolve([line])),
    );
    return { kill: (signal) => child.kill(signal), workerPid: Number(pid) };
  }

  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('kill -9: its task is ended, with the memory that it holds', async () => {
    const a = await daemon();
    const { kill, workerPid } = await client(a.address);
    expect(isAlive(workerPid)).toBe(true);
    const since = performance.now();
    kill('SIGKILL');
    await expect.poll(() => isAlive(workerPid), { timeout: 5_000, interval: 5 }).toBe(false);
    table.add(
      'client: kill -9',
      'its stream ends',
      Math.round(performance.now() - since),
      'its workers are ended, their memory is free',
    );
  });

  test.each([
    ['cut off: nothing passes any more', (proxy: TcpProxy) => proxy.stall()],
    ['frozen: SIGSTOP', (_: TcpProxy, kill: (signal: NodeJS.Signals) => void) => kill('SIGSTOP')],
  ] as const)('%s: its task is ended after clientLostAfter', async (what, act) => {
    const a = await daemon();
    const proxy = await proxyTo(a);
    const { kill, workerPid } = await client(`127.0.0.1:${proxy.port}`);
    const since = performance.now();
    act(proxy, kill);
    await expect.poll(() => isAlive(workerPid), { timeout: 10_000, interval: 5 }).toBe(false);
    table.add(
      `client: ${what}`,
      'no beats come (clientLostAfter 2 s)',
      Math.round(performance.now() - since),
      'as above',
    );
    kill('SIGKILL');
  });
});

const memoryGroup: Service = {
  name: 'memory limits (cgroup v1)',
  unavailable() {
    const probe = `/sys/fs/cgroup/memory/jobloom-${process.pid}`;
    try {
      mkdirSync(probe);
      rmdirSync(probe);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
};

withService(memoryGroup, () => {
  const group = `/sys/fs/cgroup/memory/jobloom-${process.pid}`;
  afterAll(() => rmdirSync(group));

  test('a daemon that the kernel ends for its memory costs its own tasks only', async () => {
    const [a, b] = [await daemon(), await daemon({ args: ['--kind', 'threads'] })];
    mkdirSync(group);
    writeFileSync(`${group}/memory.limit_in_bytes`, `${250 * 2 ** 20}`);
    writeFileSync(`${group}/cgroup.procs`, `${b.child.pid}`);
    const eat = delayed(async () => {
      const { isMainThread } = await import('node:worker_threads');
      await new Promise((resolve) => setTimeout(resolve, 40));
      if (isMainThread) return 'here';
      const held: Buffer[] = [];
      for (let megabytes = 0; megabytes < 600; megabytes += 10) held.push(Buffer.alloc(10 * 2 ** 20, 1));
      return held.length;
    });
    await parallelBackend('grpc', { workers: [a.address, b.address], tokenFile }, async () => {
      const since = performance.now();
      const settled = await new Parallel({ nJobs: -1, batchSize: 1 }).settle(Array.from({ length: 40 }, () => eat()));
      const lost = settled.filter((each) => each.status === 'rejected');
      expect(settled.length - lost.length).toBeGreaterThanOrEqual(30);
      expect(lost.length).toBeGreaterThan(0);
      for (const each of lost) expect((each as PromiseRejectedResult).reason).toBeInstanceOf(WorkerLostError);
      expect(await b.gone).toBe(null);
      table.add(
        'daemon: out of memory, ended by the kernel',
        'its stream ends',
        msSince(since),
        'the tasks that it ran are lost; milliseconds from the start of the call',
      );
    });
  });
});
