import { Worker } from 'node:worker_threads';

/** Ends this process when its parent is gone, even while it is in an endless synchronous loop. */
export function watchParent(parent: number): void {
  const script = `
    const { workerData } = require('node:worker_threads');
    setInterval(() => {
      if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
    }, 1000);
  `;
  const watchdog = new Worker(script, {
    eval: true,
    workerData: parent,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8 },
  });
  watchdog.unref();
}
