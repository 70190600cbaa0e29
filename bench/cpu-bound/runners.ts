import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { delayed, Parallel } from '@jobloom/parallel';
import { Piscina } from 'piscina';
import { FixedThreadPool } from 'poolifier';

export const WORKERS = 2;

/** Something that spins for each of these durations on two workers, and says how many milliseconds it took. */
export interface SpinRunner {
  readonly name: string;
  run(durations: readonly number[]): Promise<number>;
  close(): Promise<unknown>;
}

const spin = (ms: number): number => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
};

const file = (name: string): URL => new URL(`workers/${name}`, import.meta.url);

async function timed(work: () => Promise<readonly unknown[]>, durations: readonly number[]): Promise<number> {
  const start = performance.now();
  const results = await work();
  const took = performance.now() - start;
  if (results.length !== durations.length || results.some((result, at) => result !== durations[at]))
    throw new Error('the results are not those of the tasks');
  return took;
}

function jobloom(backend: string): SpinRunner {
  const runner = new Parallel({ backend, nJobs: WORKERS });
  return {
    name: `jobloom ${backend}`,
    run: (durations) => timed(() => runner.run(durations.map((ms) => delayed(spin)(ms))), durations),
    close: () => runner.close(),
  };
}

function piscina(): SpinRunner {
  const pool = new Piscina({ filename: file('spin.mjs').href, minThreads: WORKERS, maxThreads: WORKERS });
  return {
    name: 'piscina',
    run: (durations) => timed(() => Promise.all(durations.map((ms) => pool.run(ms))), durations),
    close: () => pool.destroy(),
  };
}

function poolifier(): SpinRunner {
  const pool = new FixedThreadPool<number, number>(WORKERS, fileURLToPath(file('poolifier.mjs')));
  return {
    name: 'poolifier thread',
    run: (durations) => timed(() => Promise.all(durations.map((ms) => pool.execute(ms))), durations),
    close: () => pool.destroy(),
  };
}

/** joblib's own clock is taken, so that its pipe to here costs it nothing. */
export function joblibSpin(): SpinRunner {
  const child = spawn('/usr/bin/python3', [fileURLToPath(file('joblib_spin.py')), String(WORKERS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    name: 'joblib loky (Python)',
    async run(durations) {
      child.stdin.write(`${JSON.stringify(durations)}\n`);
      const [line] = (await once(lines, 'line')) as [string];
      const [seconds, count] = line.split(' ').map(Number) as [number, number];
      if (count !== durations.length) throw new Error('joblib gave another number of results');
      return 1000 * seconds;
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

export const spinRunners = (): SpinRunner[] => [jobloom('threads'), jobloom('processes'), piscina(), poolifier()];
