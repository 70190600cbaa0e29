import type { Holding } from '../../bulk/depot.ts';
import { BackendUnusableError, ClosedError } from '../../errors.ts';
import { searchReport } from '../discovery/search-report.ts';
import type { DaemonAddress, DaemonSource } from '../discovery/source.ts';
import { Liveness } from '../liveness/liveness.ts';
import type { WorkerProvider } from '../provider/provider.ts';
import { Attendance } from './attendance.ts';
import { Connection, type ConnectionEvents, type Patience, type ReachOptions } from './connection.ts';
import { connectionFault } from './connection-fault.ts';
import { Keeper } from './keeper.ts';
import { type Member, newMember, standing } from './member.ts';
import { pickRoom } from './place.ts';
import { Provided } from './provided.ts';
import { missingBytes, type Placer, type RemoteLink } from './remote-link.ts';

export interface ClusterOptions extends Omit<ReachOptions, 'patience'>, Omit<Patience, 'liveness'> {
  readonly source: DaemonSource;
  /** Launches more of them. */
  readonly provider?: WorkerProvider | undefined;
  /** `host:port` that these dial. */
  readonly advertise?: string | undefined;
  /** Milliseconds to wait for daemons when there are not enough. */
  readonly waitForWorkers: number;
  /** Daemons that must be there. */
  readonly minWorkers: number;
}

/** One helper thread serves all clusters of a process. */
const liveness = new Liveness();

/** The daemons of a caller: connections are made, kept and made again; links get a place as there is room. */
export class Cluster implements Placer {
  /** Bytes of blobs that daemons lacked. */
  blobBytesSent = 0;
  readonly #options: ClusterOptions;
  readonly #reach: ReachOptions;
  readonly #provided: Provided | undefined;
  readonly #members = new Map<string, Member>();
  readonly #listeners = new Set<(jobs: number) => void>();
  /** Addresses that the source names now. */
  #named: ReadonlySet<string> = new Set();
  #problem: Error | undefined;
  /** The last worker of the provider that came to nothing. */
  #lastFailed: Member | undefined;
  #unwatch: (() => void) | undefined;
  /** Links without a place, the first that came first. */
  readonly #waiting = new Set<RemoteLink>();
  /** Sockets and timers keep no program alive by themselves: who waits for something does. */
  readonly #keeper = new Keeper();
  readonly #attendance: Attendance;
  #wanted: () => readonly Holding[] = () => [];
  #closed = false;
  #told = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { lostAfterMs, clientLostAfterMs } = options;
    const patience = { liveness, lostAfterMs, clientLostAfterMs };
    this.#reach = { ...options, patience };
    this.#attendance = new Attendance(options.waitForWorkers, this.#keeper, {
      isEnough: () => this.#isEnough(),
      missed: () => this.#giveUp(),
      settled: () => this.#changed(),
    });
    const { provider } = options;
    this.#provided =
      provider &&
      new Provided(
        { ...this.#reach, patience, provider, advertise: options.advertise },
        {
          expected: (worker) => void this.#add({ address: worker, from: `provider ${provider.name}` }, true),
          arrived: (worker, connection) => this.#arrived(worker, connection),
          failed: (worker, why) => this.#failed(worker, why),
        },
      );
  }

  /** Looks for daemons from now on. */
  open(): void {
    if (this.#unwatch !== undefined || this.#closed) return;
    this.#attendance.wait();
    let stop: (() => void) | undefined;
    this.#unwatch = () => stop?.();
    stop = this.#options.source.watch((daemons, problem) => this.#found(daemons, problem));
    this.#provided?.open().catch((error: Error) => {
      this.#problem = error;
      if (!this.#isEnough()) this.#giveUp();
    });
  }

  /** Tasks that all daemons run at once, with those that would be launched if there were work for them. */
  get jobs(): number {
    let jobs = this.#provided?.spare ?? 0;
    for (const { connection } of this.#members.values()) jobs += connection?.jobs ?? 0;
    return jobs;
  }

  /** There are daemons enough, and each that is known has been asked. */
  get isReady(): boolean {
    if (!this.#isEnough()) return false;
    return (
      this.#attendance.settled || [...this.#members.values()].every(({ ready, fault }) => ready || fault !== undefined)
    );
  }

  /** Resolves when there are daemons enough, and each that is known has been asked. @throws BackendUnusableError when there are not, in time */
  ready(): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('the grpc backend'));
    this.open();
    if (this.isReady) return Promise.resolve();
    if (this.#attendance.late && !this.#isEnough()) return Promise.reject(this.#nobody());
    return this.#attendance.join();
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
    this.#provided?.wants(this.#waiting.size);
  }

  /** Large buffers of the tasks that come: workers are put where these are. */
  wants(wanted: () => readonly Holding[]): void {
    this.#wanted = wanted;
  }

  hold(link: RemoteLink, held: boolean): void {
    if (held) this.#keeper.keep(link);
    else this.#keeper.release(link);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch?.();
    this.#attendance.stop();
    for (const member of this.#members.values()) {
      clearTimeout(member.timer);
      member.connection?.close();
    }
    this.#members.clear();
    this.#attendance.refuse(new ClosedError('the grpc backend'));
    await this.#provided?.close();
  }

  #found(daemons: readonly DaemonAddress[], problem: Error | undefined): void {
    this.#problem = problem;
    const named = new Set(daemons.map(({ address }) => address));
    this.#named = named;
    for (const [address, member] of this.#members) {
      if (named.has(address) || member.ready || member.launched) continue; // one that is there stays until it goes itself
      clearTimeout(member.timer);
      this.#members.delete(address);
      member.connection?.close();
    }
    for (const daemon of daemons) {
      if (!this.#members.has(daemon.address)) this.#dial(this.#add(daemon));
    }
  }

  #add(daemon: DaemonAddress, launched = false): Member {
    const member = newMember(daemon, launched);
    this.#members.set(daemon.address, member);
    return member;
  }

  #dial(member: Member): void {
    member.connection = new Connection(member.daemon, {
      ...this.#eventsOf(member),
      ended: (reason) => {
        this.#lose(member, connectionFault(reason).text);
        const { address } = member.daemon;
        if (this.#closed || this.#members.get(address) !== member) return;
        if (!this.#named.has(address)) return void this.#members.delete(address);
        member.timer = setTimeout(() => this.#dial(member), member.backoff.next()).unref();
      },
    });
    member.connection.dial(this.#reach);
  }

  /** A worker that was launched has dialled. */
  #arrived(worker: string, connection: Connection): ConnectionEvents {
    const member = this.#members.get(worker) as Member;
    member.connection = connection;
    connection.daemon = member.daemon;
    return this.#eventsOf(member);
  }

  /** A worker that was launched is of no use any more. */
  #failed(worker: string, why: string): void {
    const member = this.#members.get(worker);
    if (member === undefined) return;
    this.#members.delete(worker);
    this.#lastFailed = { ...member, ready: false, fault: why };
    this.#changed();
  }

  #eventsOf(member: Member): ConnectionEvents {
    return {
      ready: () => {
        member.ready = true;
        member.backoff.reset();
        member.fault = undefined;
        this.#changed();
      },
      capacity: () => this.#changed(),
      sentBlob: (bytes) => {
        this.blobBytesSent += bytes;
      },
      ended: (reason) => this.#lose(member, connectionFault(reason).text),
    };
  }

  #lose(member: Member, fault: string): void {
    member.ready = false;
    member.connection = undefined;
    member.fault = fault;
    this.#changed();
  }

  /** Something is there, or is not any more. */
  #changed(): void {
    if (this.#closed) return;
    for (const link of this.#waiting) {
      const room = pickRoom(this.#connections(), (connection) => missingBytes(this.#wanted(), connection));
      if (room === undefined) break;
      this.#waiting.delete(link);
      room.open(link);
    }
    this.#provided?.wants(this.#waiting.size);
    if (this.#isEnough()) this.#attendance.suffice();
    else {
      this.#attendance.wait();
      if (this.#attendance.late) this.#giveUp();
    }
    if (this.isReady) this.#attendance.admit();
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

  #giveUp(): void {
    const error = this.#nobody();
    this.#attendance.refuse(error);
    for (const link of this.#waiting) {
      this.#waiting.delete(link);
      link.ended({ code: null, signal: null, error });
    }
    this.#provided?.wants(0);
  }

  #nobody(): BackendUnusableError {
    const { waitForWorkers, minWorkers } = this.#options;
    const members = [...this.#members.values(), ...(this.#lastFailed ? [this.#lastFailed] : [])];
    const daemons = members.map(standing);
    const problems = this.#problem === undefined ? [] : [this.#problem.message];
    return new BackendUnusableError(searchReport(daemons, problems, minWorkers, waitForWorkers));
  }
}
