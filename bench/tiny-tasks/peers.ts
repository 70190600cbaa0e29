import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { FixedClusterPool, FixedThreadPool } from 'poolifier';
import { Tinypool } from 'tinypool';
import workerpool from 'workerpool';
import { type Runner, WORKERS, windowed, workerFile } from './runner.ts';

/** What the pools of the peers have in common here. */
interface Pool {
  call(x: number): PromiseLike<unknown>;
  close(): unknown;
}

function peer(name: string, open: () => Pool): Runner {
  let pool: Pool;
  return {
    name,
    share: 0.3,
    async open() {
      pool = open();
    },
    run: (n) => windowed(n, (x) => pool.call(x)),
    close: async () => pool.close(),
  };
}

const piscina = (options: { concurrentTasksPerWorker?: number }): Pool => {
  const filename = workerFile('function.mjs').href;
  const pool = new Piscina({ filename, minThreads: WORKERS, maxThreads: WORKERS, ...options });
  return { call: (x) => pool.run(x), close: () => pool.destroy() };
};

const tinypool = (options: { runtime?: 'child_process'; concurrentTasksPerWorker?: number }): Pool => {
  const filename = workerFile('function.mjs').href;
  const pool = new Tinypool({ filename, minThreads: WORKERS, maxThreads: WORKERS, ...options });
  return { call: (x) => pool.run(x), close: () => pool.destroy() };
};

const workerpoolOf = (workerType: 'thread' | 'process'): Pool => {
  const script = fileURLToPath(workerFile('workerpool.mjs'));
  const pool = workerpool.pool(script, { workerType, minWorkers: WORKERS, maxWorkers: WORKERS });
  return { call: (x) => pool.exec('tenSquared', [x]), close: () => pool.terminate() };
};

const poolifier = (kind: 'thread' | 'cluster'): Pool => {
  // Its cluster worker hangs as an ES module, and under a loader.
  const file = fileURLToPath(workerFile(kind === 'thread' ? 'poolifier-thread.mjs' : 'poolifier-cluster.cjs'));
  const pool =
    kind === 'thread'
      ? new FixedThreadPool<number, number>(WORKERS, file)
      : new FixedClusterPool<number, number>(WORKERS, file, { settings: { execArgv: [] } });
  return { call: (x) => pool.execute(x), close: () => pool.destroy() };
};

export const peers: readonly Runner[] = [
  peer('piscina, as it comes', () => piscina({})),
  peer('piscina, 16 tasks a worker', () => piscina({ concurrentTasksPerWorker: 16 })),
  peer('tinypool threads, 16 tasks a worker', () => tinypool({ concurrentTasksPerWorker: 16 })),
  peer('tinypool child_process', () => tinypool({ runtime: 'child_process' })),
  peer('workerpool thread', () => workerpoolOf('thread')),
  peer('workerpool process', () => workerpoolOf('process')),
  peer('poolifier thread', () => poolifier('thread')),
  peer('poolifier cluster', () => poolifier('cluster')),
];
