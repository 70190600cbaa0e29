import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import type { WorkerPoolOptions } from 'workerpool';
import type { WorkerExit } from '../errors.ts';

type Engine = typeof import('workerpool');

let engine: Engine | undefined;

/** workerpool, loaded on first use. */
function load(): Engine {
  engine ??= createRequire(import.meta.url)('workerpool') as Engine;
  return engine;
}

/** A task may post to the caller by the same way as workerpool does, which takes any message for its own. */
function hearEngineOnly(worker: Worker | ChildProcess): void {
  const emitter = worker as ChildProcess;
  for (const listener of emitter.listeners('message')) {
    emitter.off('message', listener as () => void);
    emitter.on('message', (message) => {
      if (message === 'ready' || (typeof message === 'object' && message !== null)) listener.call(worker, message);
    });
  }
}

export interface Life {
  /** The thread or process itself. */
  readonly worker: Worker | ChildProcess;
  /** Ends it at once. */
  stop(): void;
}

/**
 * One worker on workerpool's life cycle: it starts the script and calls its `serve`, which never
 * returns; our own channel is what it is handed. `onExit` hears once of the end, however it came.
 */
export function bringToLife(
  options: WorkerPoolOptions,
  serveArgs: readonly unknown[],
  transfer: readonly unknown[],
  onExit: (exit: WorkerExit) => void,
): Life {
  const pool = load().pool(options.script as string, {
    ...options,
    minWorkers: 0,
    maxWorkers: 1,
    workerTerminateTimeout: 1,
  });
  const served = pool.exec('serve', [...serveArgs], { transfer: [...transfer] } as never);
  // workerpool types its list of workers as private; it is the way to the exit code and to ref and unref.
  const [handler] = (pool as unknown as { workers: { worker: Worker | ChildProcess }[] }).workers;
  const { worker } = handler as { worker: Worker | ChildProcess };
  let error: unknown;
  let over = false;
  const end = (code: number | null, signal: NodeJS.Signals | null = null): void => {
    if (over) return;
    over = true;
    void pool.terminate(true).catch(() => undefined);
    onExit({ code, signal, ...(error !== undefined && { error }) });
  };
  (worker as Worker).once('error', (raised: unknown) => {
    error = raised;
    if (!('terminate' in worker) && worker.pid === undefined) end(null); // it could not be spawned: no 'exit' follows
  });
  (worker as ChildProcess).once('exit', end);
  hearEngineOnly(worker);
  served.catch(() => undefined); // the end of the worker rejects it: `exit` says more
  return {
    worker,
    stop: () => {
      if ('terminate' in worker) void worker.terminate();
      else worker.kill('SIGKILL');
    },
  };
}
