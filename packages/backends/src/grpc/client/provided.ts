import { randomBytes } from 'node:crypto';
import { BeatingSessions } from '../liveness/beating-sessions.ts';
import type { Duplex } from '../protocol/duplex.ts';
import { WORKER_LABEL } from '../provider/dial.ts';
import { type Endpoint, openEndpoint } from '../provider/endpoint.ts';
import { Fleet } from '../provider/fleet.ts';
import type { WorkerProvider } from '../provider/provider.ts';
import { readTlsFiles } from '../security/certificate-files.ts';
import { tokensOf } from '../security/tokens.ts';
import { Connection, type ConnectionEvents, type Patience, type ReachOptions } from './connection.ts';

export interface ProvidedOptions extends ReachOptions {
  readonly patience: Patience;
  readonly provider: WorkerProvider;
  /** `host:port` that workers dial. */
  readonly advertise?: string | undefined;
}

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
  #closed = false;

  constructor(options: ProvidedOptions, events: ProvidedEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** @throws OptionError | Error when workers cannot dial back */
  async open(): Promise<void> {
    const { provider, advertise, tls, insecure, warn } = this.#options;
    const endpoint = await openEndpoint({
      advertise,
      tls,
      insecure,
      ...(warn && { warn }),
      onDial: (duplex) => this.#dialled(duplex),
      onBeat: this.#beating.service,
    });
    if (this.#closed) return endpoint.close();
    this.#endpoint = endpoint;
    const ca = tls === undefined ? undefined : readTlsFiles(tls).ca;
    const { address } = endpoint;
    this.#fleet = new Fleet({
      provider,
      invitation: { address, token: this.#token, ...(ca && { ca: `${ca}` }) },
      onLaunch: (worker) => this.#events.expected(worker),
      onFault: (worker, why) => this.#events.failed(worker, why),
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#fleet?.close();
    this.#endpoint?.close();
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
          events = this.#events.arrived(worker, connection);
          events.ready();
        },
        capacity: () => events?.capacity(),
        sentBlob: (bytes) => events?.sentBlob(bytes),
        ended: (reason) => {
          events?.ended(reason);
          if (worker !== undefined) this.#fleet?.lost(worker, reason.message);
        },
      },
    );
    connection.use(duplex, { ...this.#options, tokens: tokensOf([this.#token]) }, (greeting) =>
      this.#beating.watch(duplex, greeting, lostAfterMs, (ms) => `it has not been heard of for ${ms} ms (lostAfter)`),
    );
  }
}
