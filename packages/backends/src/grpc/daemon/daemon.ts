import { hostname } from 'node:os';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { cpuCount } from '../../cpu.ts';
import { OptionError } from '../../errors.ts';
import { packageVersion } from '../../package-version.ts';
import type { WorkerLink } from '../../pool/link.ts';
import { ProcessLink } from '../../processes/link.ts';
import { ThreadLink } from '../../threads/link.ts';
import { loadGrpc } from '../load.ts';
import { asIs, servedCall, WORK } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { greetCaller } from '../protocol/greet.ts';
import { type About, VERSIONS } from '../protocol/versions.ts';
import { serverCredentials, type TlsFiles } from '../security/tls.ts';
import { ensureLocalToken, type Tokens } from '../security/tokens.ts';
import { BlobCache } from './blobs.ts';
import type { HostedWorker } from './hosted-worker.ts';
import { House } from './house.ts';
import { type DaemonLimits, LIMITS } from './limits.ts';
import { Session, type SessionHost, type WorkerSettings } from './session.ts';
import { decideSlots, emptySlots, type SlotsEvent } from './slots.ts';

export interface DaemonOptions {
  /** Where callers dial: `host:port`, port 0 for any that is free. Left out: it hears nobody, and dials itself. */
  readonly listen?: string;
  /** Tasks at once; as many as there are CPUs where it is left out. */
  readonly jobs?: number;
  /** What runs them; processes where it is left out. */
  readonly kind?: 'threads' | 'processes';
  /** This user's on this machine where they are left out. */
  readonly tokens?: Tokens;
  readonly tls?: TlsFiles;
  readonly insecure?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly limits?: Partial<DaemonLimits>;
  /** Is told what people should know. */
  readonly warn?: (message: string) => void;
  /** Adds services to the server before it listens. */
  readonly prepare?: (server: Server) => void;
}

/** What a daemon does now. */
export interface DaemonStatus {
  readonly about: About;
  readonly callers: number;
  readonly workers: number;
  /** Workers with a running unit. */
  readonly busy: number;
  readonly blobs: { readonly count: number; readonly bytes: number };
}

/** Runs tasks of callers elsewhere: workers of theirs, as many at once as it has jobs. */
export class Daemon {
  readonly about: About;
  /** Where callers dial; empty while it hears nobody. */
  address = '';
  readonly sessions: Map<number, Session> = new Map();
  readonly #options: DaemonOptions;
  readonly #limits: DaemonLimits;
  readonly #tokens: Tokens;
  readonly #cache: BlobCache;
  readonly #house: House;
  readonly #slots: ReturnType<typeof emptySlots>;
  readonly #workers = new Map<number, HostedWorker>();
  readonly #numbers = new Map<HostedWorker, number>();
  #server: Server | undefined;
  #lastSession = 0;
  #lastWorker = 0;
  #draining: Promise<void> | undefined;

  /** @throws OptionError for jobs or a kind that cannot be */
  constructor(options: DaemonOptions = {}) {
    const { jobs = cpuCount(), kind = 'processes', labels, limits } = options;
    if (!Number.isInteger(jobs) || jobs < 1)
      throw new OptionError(`The jobs of a daemon must be a whole number, 1 or more. Got ${String(jobs)}.`);
    if (kind !== 'threads' && kind !== 'processes')
      throw new OptionError(`The kind of a daemon must be threads or processes. Got ${String(kind)}.`);
    this.#options = options;
    this.#limits = { ...LIMITS, ...limits };
    this.#tokens = options.tokens ?? ensureLocalToken();
    this.#cache = new BlobCache(this.#limits.blobBytes, kind === 'threads');
    this.#house = new House(Math.max(this.#limits.workersPerJob * jobs, jobs));
    this.#slots = emptySlots(jobs);
    this.about = {
      ...VERSIONS,
      node: process.version,
      jobloom: packageVersion(),
      name: `${hostname()}:${process.pid}`,
      jobs,
      kind,
      ...(labels && { labels }),
    };
  }

  /** Hears callers from now on; gives the address. @throws OptionError | Error when it cannot listen there */
  async listen(): Promise<string> {
    const { listen = '127.0.0.1:7077', tls, insecure = false, warn, prepare } = this.#options;
    const grpc = loadGrpc();
    const server = new grpc.Server({
      'grpc.max_receive_message_length': MAX_MESSAGE,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': this.#limits.streamsPerConnection,
    });
    const work = (call: ServerDuplexStream<Buffer, Buffer>): void =>
      this.serve(duplexOver(servedCall(call), call.getPeer()));
    server.register(WORK, work, asIs, asIs, 'bidi');
    prepare?.(server);
    const { credentials } = serverCredentials(grpc, tls, {
      listen,
      insecure,
      mutual: tls?.ca !== undefined,
      ...(warn && { warn }),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(listen, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    this.#server = server;
    this.address = `${listen.slice(0, listen.lastIndexOf(':'))}:${port}`;
    return this.address;
  }

  /** Serves a caller over a stream, whoever dialled. */
  serve(duplex: Duplex): void {
    const { tokens, about, withinMs } = { tokens: this.#tokens, about: this.about, withinMs: this.#limits.handshakeMs };
    greetCaller(duplex, { tokens, about, withinMs }, (greeting) => {
      if (this.#draining !== undefined) return duplex.close(new Error('this daemon is about to end'));
      const id = ++this.#lastSession;
      const session = new Session(id, duplex, greeting, this.#host);
      this.sessions.set(id, session);
      duplex.onEnd(() => this.sessions.delete(id));
    });
  }

  get status(): DaemonStatus {
    return {
      about: this.about,
      callers: this.sessions.size,
      workers: this.#house.size,
      busy: this.#slots.running.size,
      blobs: { count: this.#cache.count, bytes: this.#cache.bytes },
    };
  }

  /** Lets running tasks come to their end, gives the others back to their callers, and closes. */
  drain(): Promise<void> {
    this.#draining ??= Promise.all([...this.sessions.values()].map((session) => session.drain())).then(() =>
      this.close(),
    );
    return this.#draining;
  }

  /** Ends all that it runs, at once. */
  async close(): Promise<void> {
    this.#draining ??= Promise.resolve();
    const open = [...this.sessions.values()];
    const gone = open.map((session) => new Promise<void>((resolve) => session.onEmpty(resolve)));
    for (const session of open) session.close(new Error('the daemon ends'));
    await Promise.all(gone);
    this.#server?.forceShutdown();
    this.#cache.close();
  }

  readonly #host: SessionHost = ((daemon: Daemon): SessionHost => ({
    get cache() {
      return daemon.#cache;
    },
    get jobs() {
      return daemon.#slots.jobs;
    },
    newLink: (settings) => daemon.#newLink(settings),
    enter: (session, start) =>
      daemon.#house.enter(session, () => {
        const worker = start();
        const number = ++daemon.#lastWorker;
        daemon.#workers.set(number, worker);
        daemon.#numbers.set(worker, number);
        return worker;
      }),
    left: (worker) => {
      const number = daemon.#numbers.get(worker) as number;
      daemon.#numbers.delete(worker);
      daemon.#workers.delete(number);
      daemon.#decide({ type: 'gone', worker: number });
      daemon.#house.left(worker);
    },
    wants: (session, worker) =>
      daemon.#decide({ type: 'want', client: session.id, worker: daemon.#numbers.get(worker) as number }),
    finished: (worker) => {
      daemon.#decide({ type: 'finished', worker: daemon.#numbers.get(worker) as number });
      daemon.#house.rested();
    },
  }))(this);

  #decide(event: SlotsEvent): void {
    for (const granted of decideSlots(this.#slots, event)) this.#workers.get(granted)?.go();
  }

  #newLink(settings: WorkerSettings): WorkerLink {
    const id = this.#lastWorker + 1;
    return this.about.kind === 'threads' ? new ThreadLink(id, settings.heapMb, true) : new ProcessLink(id, settings);
  }
}
