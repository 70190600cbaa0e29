import type { AnyFunction } from '../call-scope.ts';
import { cpuCount } from '../cpu.ts';
import { BackendUnusableError, describeExit, type WorkerExit } from '../errors.ts';
import { holder, type WorkerPlace } from '../task/current-task.ts';
import { GRACE_MS } from '../task/settings.ts';
import { publishExit, publishStart } from './channels.ts';
import { Hooks } from './hooks.ts';
import type { WorkerLink } from './link.ts';
import { bare, type Packet, type WorkerMessage } from './messages.ts';
import { Seat } from './seat.ts';
import type { PoolEvent } from './state.ts';

export interface PoolOptions {
  /** For messages: `threads`. */
  readonly name: string;
  /** A new link to a worker that is not started yet. */
  readonly link: (id: number) => WorkerLink;
  /** Milliseconds after which a worker without work ends. */
  readonly idleMs: number;
  /** Every worker calls it before its first task. */
  readonly initWorker?: AnyFunction | undefined;
  /** Every worker that is let go calls it before it ends. */
  readonly teardownWorker?: AnyFunction | undefined;
  /** Tasks after which a worker is replaced. */
  readonly recycleAfter?: number | undefined;
  /** Bytes of memory beyond which a worker is replaced, after the batch that it is on. */
  readonly maxMemory?: number | undefined;
  /** See `Capabilities`. */
  readonly aheadMs?: number | undefined;
  /** Workers may be on other machines: large buffers go to them in messages. */
  readonly remote?: boolean;
  /** Packages that hooks need go along to workers that lack them. */
  readonly packages?: 'reference' | 'ship' | undefined;
  /** Workers cannot ask for packages: they get all that they may need. */
  readonly deaf?: boolean;
  /** Each worker gets one batch, and ends. */
  readonly batchAWorker?: boolean;
}

/** What a crew tells of. */
export interface CrewEvents {
  apply(event: PoolEvent): void;
  packet(worker: number, seat: Seat, packet: Packet<WorkerMessage>): void;
  /** No worker can do what this one was to do. */
  unusable(seat: Seat, error: BackendUnusableError): void;
}

const LET_GO_MS = 5;

/** The workers of a pool, from their start to their end. */
export class Crew {
  readonly seats: Map<number, Seat> = new Map();
  readonly hooks: Hooks;
  /** Most workers that any call asked for. */
  limit = 1;
  lastExit: WorkerExit | undefined;
  readonly #options: PoolOptions;
  readonly #events: CrewEvents;
  /** Workers that had no work left, until the next look at them. */
  readonly #resting = new Set<number>();
  #closing: (() => void) | undefined;

  constructor(options: PoolOptions, events: CrewEvents) {
    this.#options = options;
    this.hooks = new Hooks(options.packages);
    this.#events = events;
  }

  start(id: number): void {
    const link = this.#options.link(id);
    const taken = new Set([...this.seats.values()].flatMap((seat) => (seat.gone ? [] : seat.slot)));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    this.seats.set(id, new Seat(link, slot, this.#options.remote, this.#options.deaf));
    publishStart({ backend: this.#options.name, worker: link.name, slot });
    try {
      link.start({ packet: (packet) => this.#packet(id, packet), exit: (exit) => this.#exit(id, exit) });
      link.hold(true);
    } catch (error) {
      queueMicrotask(() => this.#exit(id, { code: null, signal: null, error }));
    }
  }

  /** A worker is there: it hears who it is, and prepares itself, before it counts as ready. */
  welcome(id: number, seat: Seat): void {
    const { initWorker, maxMemory } = this.#options;
    const budget = holder.worker?.slots ?? cpuCount();
    const place: WorkerPlace = {
      id: seat.link.name,
      slot: seat.slot,
      level: (holder.worker?.level ?? 0) + 1,
      slots: seat.link.slots ?? Math.max(1, Math.floor(budget / this.limit)),
    };
    seat.link.send(bare({ type: 'welcome', place, reportsMemory: maxMemory !== undefined }));
    const ready = (): void => this.#events.apply({ type: 'ready', worker: id });
    if (initWorker === undefined) return ready();
    const failed = (error: unknown): void => {
      seat.failure = error;
      seat.link.stop();
    };
    try {
      this.hooks.call(seat, initWorker, ['initWorker']).then(ready, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Ends a worker; one that has done nothing wrong may clean up first. */
  stop(id: number, atOnce: boolean): void {
    const seat = this.seats.get(id);
    const { teardownWorker } = this.#options;
    if (seat === undefined) return;
    if (atOnce || teardownWorker === undefined || !seat.welcomed) return seat.link.stop();
    const stop = (): void => seat.link.stop();
    seat.hold(true);
    setTimeout(stop, GRACE_MS).unref();
    try {
      this.hooks.call(seat, teardownWorker, ['teardownWorker']).then(stop, stop);
    } catch {
      stop();
    }
  }

  /** Calls `fn` once in every worker that is there, and gives what it gave, in the order of their slots. */
  broadcast(fn: AnyFunction): Promise<unknown[]> {
    const seats = [...this.seats.values()].filter(({ welcomed }) => welcomed).sort((a, b) => a.slot - b.slot);
    return Promise.all(
      seats.map((seat) => {
        seat.hold(true);
        return this.hooks.call(seat, fn, ['broadcast']).finally(() => {
          if (seat.progress.size === 0) seat.hold(false);
        });
      }),
    );
  }

  /** Most workers have work again at once: only those that have none a moment later are let go. A program that is done waits for that moment. */
  rest(id: number): void {
    if (this.#resting.size === 0) setTimeout(() => this.#letGo(), LET_GO_MS);
    this.#resting.add(id);
  }

  #letGo(): void {
    if (this.#closing !== undefined) return;
    for (const id of this.#resting) {
      const seat = this.seats.get(id);
      if (seat === undefined || seat.progress.size > 0) continue;
      seat.hold(false);
      if (seat.idle === undefined)
        seat.idle = setTimeout(() => this.#events.apply({ type: 'idle', worker: id }), this.#options.idleMs).unref();
      else seat.idle.refresh();
    }
    this.#resting.clear();
  }

  #packet(id: number, packet: Packet<WorkerMessage>): void {
    const seat = this.seats.get(id);
    if (seat !== undefined) this.#events.packet(id, seat, packet);
  }

  #exit(id: number, exit: WorkerExit): void {
    const seat = this.seats.get(id);
    if (seat === undefined) return;
    if (seat.loading !== undefined) {
      return seat.later(async () => {
        seat.loading = undefined;
        this.#exit(id, exit);
      });
    }
    clearTimeout(seat.idle);
    seat.gone = true;
    seat.watch.stop();
    this.hooks.gone(seat, describeExit(exit));
    this.lastExit = seat.failure === undefined ? exit : { ...exit, error: seat.failure };
    publishExit({ backend: this.#options.name, worker: seat.link.name, slot: seat.slot }, this.lastExit);
    const hopeless = exit.error instanceof BackendUnusableError;
    if (hopeless) this.#events.unusable(seat, exit.error);
    this.#events.apply({
      type: 'gone',
      worker: id,
      ...seat.lastPlace(),
      ...(exit.severed && { severed: true }),
      ...(hopeless && { hopeless }),
    });
    this.seats.delete(id);
    seat.link.clean?.();
    if (this.seats.size === 0) this.#closing?.();
  }

  /** Resolves when the last worker is gone; their end is awaited from now on. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = resolve;
      for (const seat of this.seats.values()) seat.hold(true); // whoever closes waits for their end
      if (this.seats.size === 0) resolve();
    });
  }
}
