import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Runner, WORKERS } from './runner.ts';

const CHUNK = 1000;
const ECHO = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (numbers) => parentPort.postMessage(numbers.map((x) => 10 * x ** 2)));
`;

/** The least that can be hoped for: chunks of plain numbers by postMessage, nothing counted, caught or named. */
export function floor(): Runner {
  let workers: Worker[];
  return {
    name: 'floor: arrays of 1,000 by postMessage',
    async open() {
      workers = Array.from({ length: WORKERS }, () => new Worker(ECHO, { eval: true }));
      await Promise.all(workers.map((worker) => once(worker, 'online')));
    },
    run: (n) =>
      new Promise((resolve) => {
        let next = 0;
        let left = n;
        let sum = 0;
        const send = (worker: Worker): void => {
          const length = Math.min(CHUNK, n - next);
          if (length === 0) return;
          const first = next;
          next += length;
          worker.postMessage(Array.from({ length }, (_, at) => first + at));
        };
        for (const worker of workers) {
          worker.removeAllListeners('message').on('message', (results: number[]) => {
            send(worker);
            for (const result of results) sum += result;
            left -= results.length;
            if (left === 0) resolve(sum);
          });
          send(worker);
          send(worker);
        }
      }),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
