import { Worker } from 'node:worker_threads';
import type { KeeperOrder, KeeperReport, KeptLease } from './messages.ts';

/** What a store hears about its leases. */
export interface KeeperEvents {
  onLost(key: string): void;
  onFault(message: string): void;
}

/** Has leases renewed. */
export interface LeaseKeeper {
  /** Renews the lease until `drop`, or until it is lost. Gives what `drop` takes. */
  keep(lease: KeptLease): number;
  /** No renewal of this lease happens after the promise is fulfilled. */
  drop(id: number): Promise<void>;
  close(): Promise<void>;
}

/** Has the leases of one store renewed by the helper thread. The thread starts with the first, ends with the last `close`, and keeps no program alive. */
export class Keeper implements LeaseKeeper {
  readonly #events: KeeperEvents;
  readonly #store: number;
  readonly #kept = new Map<number, { readonly key: string; dropped?: () => void }>();
  #thread: Thread | undefined;
  readonly #module: URL;
  readonly #config: unknown;

  /** `module` exports `openRenewer(config)`, see `RenewerModule`. */
  constructor(module: URL, config: unknown, events: KeeperEvents) {
    this.#module = module;
    this.#config = config;
    this.#events = events;
    this.#store = nextStore++;
  }

  keep(lease: KeptLease): number {
    if (this.#thread === undefined) {
      this.#thread = enter(this.#store, (report) => this.#hear(report));
      this.#thread.send({ type: 'open', store: this.#store, module: this.#module.href, config: this.#config });
    }
    const id = nextLease++;
    this.#kept.set(id, { key: lease.key });
    this.#thread.send({ type: 'keep', store: this.#store, id, lease });
    return id;
  }

  drop(id: number): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept === undefined || this.#thread === undefined) return Promise.resolve();
    const done = new Promise<void>((resolve) => {
      kept.dropped = resolve;
    });
    this.#thread.send({ type: 'drop', store: this.#store, id });
    return awaited(this.#thread, done);
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#thread = undefined;
    thread.send({ type: 'close', store: this.#store });
    await leave(this.#store, thread);
  }

  #hear(report: KeeperReport | Ended): void {
    if (report.type === 'fault') {
      this.#events.onFault(report.message);
      return;
    }
    if (report.type === 'ended') {
      this.#thread = undefined;
      this.#events.onFault(report.message);
      for (const { key, dropped } of this.#kept.values()) (dropped ?? (() => this.#events.onLost(key)))();
      this.#kept.clear();
      return;
    }
    const kept = this.#kept.get(report.id);
    this.#kept.delete(report.id);
    kept?.dropped?.();
    if (report.type === 'lost' && kept !== undefined) this.#events.onLost(kept.key);
  }
}

/** The helper thread is gone: nothing renews any more. */
interface Ended {
  readonly type: 'ended';
  readonly message: string;
}

interface Thread {
  readonly worker: Worker;
  readonly stores: Map<number, (report: KeeperReport | Ended) => void>;
  /** Answers that somebody awaits: meanwhile the thread holds the program. */
  awaited: number;
  send(order: KeeperOrder): void;
}

let nextStore = 0;
let nextLease = 0;
let current: Thread | undefined;

function enter(store: number, hear: (report: KeeperReport | Ended) => void): Thread {
  current ??= start();
  current.stores.set(store, hear);
  return current;
}

async function leave(store: number, thread: Thread): Promise<void> {
  thread.stores.delete(store);
  if (thread.stores.size > 0) return;
  if (current === thread) current = undefined;
  await thread.worker.terminate();
}

function start(): Thread {
  const worker = new Worker(new URL('./keeper-thread.js', import.meta.url), { execArgv: [], name: 'jobloom leases' });
  const stores: Thread['stores'] = new Map();
  worker.on('message', (report: KeeperReport) => stores.get(report.store)?.(report));
  worker.on('error', (error: Error) => {
    if (current === thread) current = undefined;
    for (const hear of stores.values()) hear({ type: 'ended', message: `the helper thread ended: ${error.message}` });
  });
  worker.unref();
  const thread: Thread = { worker, stores, awaited: 0, send: (order) => worker.postMessage(order) };
  return thread;
}

async function awaited(thread: Thread, answer: Promise<void>): Promise<void> {
  thread.awaited += 1;
  thread.worker.ref();
  await answer;
  thread.awaited -= 1;
  if (thread.awaited === 0) thread.worker.unref();
}
