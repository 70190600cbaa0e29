import { BackendUnusableError } from '../../errors.ts';
import type { DaemonAddress, DaemonSource } from '../discovery/source.ts';
import { Connection, type ReachOptions } from './connection.ts';
import { pickRoom } from './place.ts';
import type { Placer, RemoteLink } from './remote-link.ts';

export interface ClusterOptions extends ReachOptions {
  readonly source: DaemonSource;
  /** Milliseconds to wait for daemons when there are not enough. */
  readonly waitForWorkers: number;
  /** Daemons that must be there. */
  readonly minWorkers: number;
}

/** A daemon that somebody names, and what is known of it. */
interface Member {
  readonly daemon: DaemonAddress;
  connection: Connection | undefined;
  /** It has proved who it is. */
  ready: boolean;
  /** Why it is not, or was not. */
  fault: Error | undefined;
  /** In a row. */
  failures: number;
  timer: NodeJS.Timeout | undefined;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** The daemons of a caller: connections are made, kept and made again; links get a place as there is room. */
export class Cluster implements Placer {
  /** Bytes of blobs that daemons lacked. */
  blobBytesSent = 0;
  readonly #options: ClusterOptions;
  readonly #members = new Map<string, Member>();
  readonly #listeners = new Set<(jobs: number) => void>();
  #problem: Error | undefined;
  #unwatch: (() => void) | undefined;
  /** Links without a place, the first that came first. */
  readonly #waiting = new Set<RemoteLink>();
  #clock: NodeJS.Timeout | undefined;
  /** Nobody was found in time: who asks now is told so at once. */
  #late = false;
  #readers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #closed = false;
  #told = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Looks for daemons from now on. */
  open(): void {
    if (this.#unwatch !== undefined || this.#closed) return;
    this.#startClock();
    let stop: (() => void) | undefined;
    this.#unwatch = () => stop?.();
    stop = this.#options.source.watch((daemons, problem) => this.#found(daemons, problem));
  }

  /** Tasks that all daemons run at once. */
  get jobs(): number {
    let jobs = 0;
    for (const { connection } of this.#members.values()) jobs += connection?.jobs ?? 0;
    return jobs;
  }

  /** Resolves when there are daemons enough, and each that is known has been asked. @throws BackendUnusableError when there are not, in time */
  ready(): Promise<void> {
    this.open();
    if (this.#isSettled()) return Promise.resolve();
    if (this.#late && !this.#isEnough()) return Promise.reject(this.#nobody());
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  onCapacity(listener: (jobs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  place(link: RemoteLink): void {
    this.open();
    this.#waiting.add(link);
    queueMicrotask(() => this.#changed());
  }

  withdraw(link: RemoteLink): void {
    this.#waiting.delete(link);
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    clearTimeout(this.#clock);
    for (const member of this.#members.values()) {
      clearTimeout(member.timer);
      member.connection?.close();
    }
    this.#members.clear();
  }

  #found(daemons: readonly DaemonAddress[], problem: Error | undefined): void {
    this.#problem = problem;
    const named = new Set(daemons.map(({ address }) => address));
    for (const [address, member] of this.#members) {
      if (named.has(address) || member.ready) continue; // one that is there stays until it goes itself
      clearTimeout(member.timer);
      this.#members.delete(address);
      member.connection?.close();
    }
    for (const daemon of daemons) {
      if (this.#members.has(daemon.address)) continue;
      const member: Member = {
        daemon,
        connection: undefined,
        ready: false,
        fault: undefined,
        failures: 0,
        timer: undefined,
      };
      this.#members.set(daemon.address, member);
      this.#dial(member);
    }
  }

  #dial(member: Member): void {
    const connection = new Connection(member.daemon, {
      ready: () => {
        member.ready = true;
        member.failures = 0;
        member.fault = undefined;
        this.#changed();
      },
      capacity: () => this.#changed(),
      sentBlob: (bytes) => {
        this.blobBytesSent += bytes;
      },
      ended: (reason) => {
        member.ready = false;
        member.connection = undefined;
        member.fault = reason;
        member.failures += 1;
        if (this.#closed || this.#members.get(member.daemon.address) !== member) return;
        const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (member.failures - 1));
        member.timer = setTimeout(() => this.#dial(member), most * (0.5 + Math.random() / 2)).unref();
        this.#changed();
      },
    });
    member.connection = connection;
    connection.dial(this.#options);
  }

  /** Something is there, or is not any more. */
  #changed(): void {
    if (this.#closed) return;
    for (const link of this.#waiting) {
      const room = pickRoom(this.#connections());
      if (room === undefined) break;
      this.#waiting.delete(link);
      room.open(link);
    }
    if (this.#isEnough()) {
      this.#late = false;
      clearTimeout(this.#clock);
      this.#clock = undefined;
    } else {
      this.#startClock();
      if (this.#late) this.#giveUp();
    }
    if (this.#isSettled()) for (const { resolve } of this.#readers.splice(0)) resolve();
    const { jobs } = this;
    if (jobs === this.#told) return;
    this.#told = jobs;
    for (const listener of this.#listeners) listener(jobs);
  }

  *#connections(): Generator<Connection> {
    for (const { ready, connection } of this.#members.values()) if (ready && connection) yield connection;
  }

  #isEnough(): boolean {
    let count = 0;
    for (const { jobs } of this.#connections()) if (jobs > 0) count += 1;
    return count >= this.#options.minWorkers;
  }

  /** Enough are there, and the others have been asked once. */
  #isSettled(): boolean {
    if (!this.#isEnough()) return false;
    return [...this.#members.values()].every(({ ready, failures }) => ready || failures > 0);
  }

  #startClock(): void {
    if (this.#late || this.#clock !== undefined) return;
    this.#clock = setTimeout(() => {
      this.#clock = undefined;
      if (this.#isEnough()) return;
      this.#late = true;
      this.#giveUp();
    }, this.#options.waitForWorkers);
  }

  #giveUp(): void {
    const error = this.#nobody();
    for (const { reject } of this.#readers.splice(0)) reject(error);
    for (const link of this.#waiting) {
      this.#waiting.delete(link);
      link.ended({ code: null, signal: null, error });
    }
  }

  #nobody(): BackendUnusableError {
    const { waitForWorkers, minWorkers } = this.#options;
    const lines = [...this.#members.values()].map(
      ({ daemon, ready, fault }) =>
        `\n  ${daemon.address} (${daemon.from}): ${ready ? 'found' : (fault?.message ?? 'no answer')}`,
    );
    const problem = this.#problem === undefined ? '' : `\n  ${this.#problem.message}`;
    return new BackendUnusableError(
      `the cluster has not ${minWorkers} daemon${minWorkers > 1 ? 's' : ''} within ${waitForWorkers} ms.${lines.join('') || '\n  Nobody names any.'}${problem}\nStart one: npx jobloom worker --listen HOST:PORT`,
    );
  }
}
