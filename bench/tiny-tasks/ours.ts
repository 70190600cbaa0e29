import { delayed, Parallel } from '@jobloom/parallel';
import { type Runner, WORKERS } from './runner.ts';

const task = (x: number): number => 10 * x ** 2;
const sumOf = (results: readonly number[]): number => results.reduce((sum, x) => sum + x, 0);

function parallel(backend: string, how: 'run' | 'submit'): Runner {
  let runner: Parallel;
  return {
    name: `jobloom ${backend}, ${how}`,
    async open() {
      runner = new Parallel({ backend, nJobs: WORKERS });
    },
    async run(n) {
      if (how === 'run') return sumOf(await runner.run(Array.from({ length: n }, (_, x) => delayed(task)(x))));
      return sumOf(await Promise.all(Array.from({ length: n }, (_, x) => runner.submit(delayed(task)(x)))));
    },
    close: () => runner.close(),
  };
}

export const ours: readonly Runner[] = [
  parallel('threads', 'run'),
  parallel('processes', 'run'),
  parallel('threads', 'submit'),
  parallel('processes', 'submit'),
];
