import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { BeatingSessions } from '../liveness/beating-sessions.ts';
import type { Duplex } from '../protocol/duplex.ts';
import { WORKER_LABEL } from '../provider/dial.ts';
import { type Endpoint, openEndpoint } from '../provider/endpoint.ts';
import { makeEphemeralTls } from '../provider/ephemeral-tls.ts';
import { Fleet } from '../provider/fleet.ts';
import type { Invitation, WorkerProvider } from '../provider/provider.ts';
import { readTlsFiles } from '../security/certificate-files.ts';
import { splitAddress } from '../security/loopback.ts';
import type { TlsFiles } from '../security/tls.ts';
import { tokensOf } from '../security/tokens.ts';
import { Connection, type ConnectionEvents, type Patience, type ReachOptions } from './connection.ts';

export interface ProvidedOptions extends ReachOptions {
  readonly patience: Patience;
  readonly provider: WorkerProvider;
  /** `host:port` that workers dial. */
  readonly advertise?: string | undefined;
}

/** Milliseconds between two looks for workers that have nothing to do. */
const IDLE_MS = 1_000;

/** What a cluster hears of workers that are launched for it. */
export interface ProvidedEvents {
  expected(worker: string): void;
  /** It has dialled back and has proved who it is. Gives what hears of its connection from now on. */
  arrived(worker: string, connection: Connection): ConnectionEvents;
  /** It is not there, or not any more: another takes its place. */
  failed(worker: string, why: string): void;
}

/** Workers that a provider launches for this caller alone, with a token that nobody else has. */
export class Provided {
  readonly #options: ProvidedOptions;
  readonly #events: ProvidedEvents;
  readonly #token: string = randomBytes(32).toString('base64url');
  readonly #beating = new BeatingSessions((peer) => this.#endpoint?.admit(peer));
  #endpoint: Endpoint | undefined;
  #fleet: Fleet | undefined;
  readonly #arrived = new Map<string, { readonly connection: Connection; idle: boolean }>();
  #waiting = 0;
  #looks: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ProvidedOptions, events: ProvidedEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** @throws OptionError | Error when workers cannot dial back */
  async open(): Promise<void> {
    const { provider, insecure, warn } = this.#options;
    const { advertise = provider.remote ? `${hostname()}:0` : '127.0.0.1:0' } = this.#options;
    const { caller: tls, worker, mutual } = await this.#certificates(advertise);
    if (this.#closed) return;
    const endpoint = await openEndpoint({
      advertise,
      ...(tls && { tls }),
      mutual,
      insecure,
      ...(warn && { warn }),
      onDial: (duplex) => this.#dialled(duplex),
      onBeat: this.#beating.service,
    });
    if (this.#closed) return endpoint.close();
    this.#endpoint = endpoint;
    this.#fleet = new Fleet({
      provider,
      invitation: { address: endpoint.address, token: this.#token, ...worker },
      onLaunch: (worker) => this.#events.expected(worker),
      onFault: (worker, why) => this.#events.failed(worker, why),
    });
    this.#fleet.wants(this.#waiting);
    const { workers, most = workers } = provider;
    if (most > workers) this.#looks = setInterval(() => this.#releaseIdle(), IDLE_MS).unref();
  }

  /** So many workers of the pool have no place now. */
  wants(waiting: number): void {
    this.#waiting = waiting;
    this.#fleet?.wants(waiting);
  }

  /** Tasks that workers who are not there yet could run: where the provider launches more when work waits. */
  get spare(): number {
    const { workers, most = workers, jobs = 1 } = this.#options.provider;
    return most === workers ? 0 : (this.#fleet?.spare ?? most) * jobs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looks);
    await this.#fleet?.close();
    this.#endpoint?.close();
  }

  /** The user's own, or, where workers are elsewhere, some for this backend alone. */
  async #certificates(
    advertise: string,
  ): Promise<{ caller?: TlsFiles; worker?: Pick<Invitation, 'ca' | 'cert' | 'key'>; mutual: boolean }> {
    const { tls, provider } = this.#options;
    if (tls !== undefined) {
      const { ca } = readTlsFiles(tls);
      return { caller: tls, ...(ca && { worker: { ca: `${ca}` } }), mutual: false };
    }
    if (!provider.remote) return { mutual: false };
    return { ...(await makeEphemeralTls(splitAddress(advertise).host)), mutual: true };
  }

  /** Workers that had nothing to do at two looks in a row, where there are more than there must be. */
  #releaseIdle(): void {
    for (const [worker, arrived] of this.#arrived) {
      const { connection } = arrived;
      const idle = connection.links === 0;
      if (idle && arrived.idle && this.#fleet?.mayRelease) {
        this.#fleet.release(worker);
        connection.close();
      }
      arrived.idle = idle;
    }
  }

  #dialled(duplex: Duplex): void {
    const { provider } = this.#options;
    const { lostAfterMs } = this.#options.patience;
    let worker: string | undefined;
    let events: ConnectionEvents | undefined;
    const connection = new Connection(
      { address: duplex.peer, from: `provider ${provider.name}` },
      {
        ready: () => {
          const named = connection.greeting?.about.labels?.[WORKER_LABEL];
          if (named === undefined || !this.#fleet?.expects(named))
            return connection.close(new Error('nobody waits for this worker'));
          worker = named;
          this.#endpoint?.admit(duplex.peer);
          this.#fleet.arrived(worker);
          this.#arrived.set(worker, { connection, idle: false });
          events = this.#events.arrived(worker, connection);
          events.ready();
        },
        capacity: () => {
          if (worker !== undefined && connection.drains) this.#fleet?.leaves(worker);
          events?.capacity();
        },
        sentBlob: (bytes) => events?.sentBlob(bytes),
        ended: (reason) => {
          events?.ended(reason);
          if (worker === undefined) return;
          this.#arrived.delete(worker);
          this.#fleet?.lost(worker, reason.message);
        },
      },
    );
    connection.use(duplex, { ...this.#options, tokens: tokensOf([this.#token]) }, (greeting) =>
      this.#beating.watch(duplex, greeting, lostAfterMs, (ms) => `it has not been heard of for ${ms} ms (lostAfter)`),
    );
  }
}
