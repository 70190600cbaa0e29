import { hostname, loadavg } from 'node:os';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { cpuCount } from '../../cpu.ts';
import { OptionError } from '../../errors.ts';
import { packageVersion } from '../../package-version.ts';
import type { WorkerLink } from '../../pool/link.ts';
import { ProcessLink } from '../../processes/link.ts';
import { ThreadLink } from '../../threads/link.ts';
import { BEAT } from '../liveness/beat-service.ts';
import { BeatingSessions } from '../liveness/beating-sessions.ts';
import { loadGrpc } from '../load.ts';
import { Audit } from '../observe/audit.ts';
import type { DaemonStats } from '../observe/daemon-stats.ts';
import { Health } from '../observe/health.ts';
import type { Log } from '../observe/log.ts';
import { asIs, servedCall, WORK } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { greetCaller } from '../protocol/greet.ts';
import { type About, VERSIONS } from '../protocol/versions.ts';
import { Inventory } from '../scheduling/inventory.ts';
import { Gate } from '../security/gate.ts';
import { splitAddress } from '../security/loopback.ts';
import { type ReloadableServerCredentials, serverCredentials, type TlsFiles } from '../security/tls.ts';
import { ensureLocalToken, type ReloadableTokens, type Tokens } from '../security/tokens.ts';
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
  readonly tokens?: Tokens | ReloadableTokens;
  readonly tls?: TlsFiles;
  readonly insecure?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** How many it has of each resource that callers may require: `{ gpu: 2 }`. */
  readonly resources?: Readonly<Record<string, number>>;
  readonly limits?: Partial<DaemonLimits>;
  /** Is told what people should know. */
  readonly warn?: (message: string) => void;
  /** Hears who came, who was refused and what ran. */
  readonly log?: Log;
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
  readonly #beating = new BeatingSessions((peer) => void this.#gate?.admit(peer));
  readonly #options: DaemonOptions;
  readonly #limits: DaemonLimits;
  readonly #tokens: Tokens | ReloadableTokens;
  readonly #audit: Audit;
  readonly #health = new Health();
  readonly #startedAt = performance.now();
  /** Of sessions that are over. */
  readonly #past = { batches: 0, tasks: 0, refused: 0 };
  #gate: Gate | undefined;
  #credentials: ReloadableServerCredentials | undefined;
  readonly #cache: BlobCache;
  readonly #house: House;
  readonly #inventory: Inventory;
  readonly #slots: ReturnType<typeof emptySlots>;
  readonly #workers = new Map<number, HostedWorker>();
  readonly #numbers = new Map<HostedWorker, number>();
  #server: Server | undefined;
  #lastSession = 0;
  #lastWorker = 0;
  #draining: Promise<void> | undefined;

  /** @throws OptionError for jobs or a kind that cannot be */
  constructor(options: DaemonOptions = {}) {
    const { jobs = cpuCount(), kind = 'processes', labels, resources, limits } = options;
    if (!Number.isInteger(jobs) || jobs < 1)
      throw new OptionError(`The jobs of a daemon must be a whole number, 1 or more. Got ${String(jobs)}.`);
    if (kind !== 'threads' && kind !== 'processes')
      throw new OptionError(`The kind of a daemon must be threads or processes. Got ${String(kind)}.`);
    this.#options = options;
    this.#limits = { ...LIMITS, ...limits };
    this.#tokens = options.tokens ?? ensureLocalToken();
    this.#audit = new Audit(options.log ?? (() => undefined));
    this.#cache = new BlobCache(this.#limits.blobBytes, kind === 'threads');
    this.#house = new House(Math.max(this.#limits.workersPerJob * jobs, jobs));
    this.#slots = emptySlots(jobs);
    this.#inventory = new Inventory(resources ?? {});
    this.about = {
      ...VERSIONS,
      node: process.version,
      jobloom: packageVersion(),
      name: `${hostname()}:${process.pid}`,
      jobs,
      kind,
      ...(labels && { labels }),
      ...(resources && { resources }),
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
    const work = (call: ServerDuplexStream<Buffer, Buffer>): void => {
      const peer = call.getPeer();
      this.serve(duplexOver(servedCall(call), peer), () => this.#gate?.admit(peer) ?? false);
    };
    server.register(WORK, work, asIs, asIs, 'bidi');
    this.#health.addTo(grpc, server);
    server.register(BEAT, this.#beating.service as never, asIs, asIs, 'bidi');
    prepare?.(server);
    this.#credentials = serverCredentials(grpc, tls, {
      listen,
      insecure,
      mutual: tls?.ca !== undefined,
      ...(warn && { warn }),
    });
    const { host, port = 0 } = splitAddress(listen);
    const injector = server.createConnectionInjector(this.#credentials.credentials);
    const { handshakeMs, strangers: maxStrangers, connections: maxConnections } = this.#limits;
    this.#gate = new Gate((socket) => injector.injectConnection(socket), { handshakeMs, maxStrangers, maxConnections });
    const bound = await this.#gate.listen(host, port);
    this.#server = server;
    this.address = `${host.includes(':') ? `[${host}]` : host}:${bound}`;
    this.#health.setReady(true);
    return this.address;
  }

  /**
   * Reads tokens and certificates again; connections that are open go on.
   * @throws OptionError when something cannot be used; what was read of it before then stays in use
   */
  reload(): void {
    if ('reload' in this.#tokens) this.#tokens.reload();
    this.#credentials?.reload();
  }

  /** Serves a caller over a stream, whoever dialled. @param admit whether there is room for one that has proved who it is */
  serve(duplex: Duplex, admit: () => boolean = () => true): void {
    const { peer } = duplex;
    const options = {
      tokens: this.#tokens,
      about: { ...this.about, stats: this.stats },
      withinMs: this.#limits.handshakeMs,
    };
    let session: Session | undefined;
    let why: Error | undefined;
    duplex.onEnd((reason) => {
      if (session !== undefined) return;
      this.#past.refused += 1;
      this.#audit.refused(peer, (why ?? reason).message);
    });
    greetCaller(duplex, options, (greeting) => {
      if (this.#draining !== undefined) why = new Error('this daemon is about to end');
      else if (!admit()) why = new Error('this daemon has as many callers as it takes');
      if (why !== undefined) return duplex.close(why);
      const id = ++this.#lastSession;
      const opened = new Session(id, duplex, greeting, this.#host);
      session = opened;
      this.sessions.set(id, opened);
      this.#audit.admitted(audited(opened));
      const silenceMs = silenceOf(greeting.about.clientLostAfterMs);
      const silent = `its client has been silent for ${silenceMs} ms (clientLostAfter)`;
      this.#beating.watch(duplex, greeting, silenceMs, silent);
      duplex.onEnd((reason) => {
        this.sessions.delete(id);
        this.#past.batches += opened.given.batches;
        this.#past.tasks += opened.given.tasks;
        this.#audit.left(audited(opened), reason.message, opened.given.batches);
      });
    });
  }

  /** What it did and does, for `status` and metrics. */
  get stats(): DaemonStats {
    const { protocol, node, jobloom, kind = 'processes' } = { ...this.about, protocol: VERSIONS.cluster.join('-') };
    let { batches, tasks, refused } = this.#past;
    for (const { given } of this.sessions.values()) {
      batches += given.batches;
      tasks += given.tasks;
    }
    const { late = 0, crowded = 0, full = 0 } = this.#gate?.counts() ?? {};
    refused += late + crowded + full;
    return {
      state: this.#draining === undefined ? (this.address === '' ? 'starting' : 'ready') : 'draining',
      slots: this.#slots.jobs,
      busy: this.#slots.running.size,
      clients: this.sessions.size,
      workers: this.#house.size,
      blobs: this.#cache.count,
      blobBytes: this.#cache.bytes,
      ...{ batches, tasks, refused },
      memory: process.memoryUsage.rss(),
      load: loadavg()[0] ?? 0,
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      ...{ kind, node, jobloom, protocol },
    };
  }

  /** Ends all workers, whatever they do; their callers hear of it. */
  stopWorkers(): void {
    for (const worker of this.#workers.values()) worker.stop();
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
    this.#health.setReady(false);
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
    this.#gate?.close();
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
    firstBatch: (session, codes, { unit, tasks }) => daemon.#audit.batch(audited(session), unit, codes, tasks),
    allot: ({ requires = {} }) => daemon.#inventory.take(requires) ?? {},
    enter: (session, start, { requires = {} }) =>
      daemon.#house.enter(
        session,
        () => {
          const worker = start();
          const number = ++daemon.#lastWorker;
          daemon.#workers.set(number, worker);
          daemon.#numbers.set(worker, number);
          return worker;
        },
        () => daemon.#inventory.has(requires),
      ),
    left: (worker, allotment) => {
      daemon.#inventory.give(allotment);
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

  #newLink(asked: WorkerSettings): WorkerLink {
    const settings = { ...asked, ...this.#heapLimit(asked.heapMb) };
    const id = this.#lastWorker + 1;
    return this.about.kind === 'threads' ? new ThreadLink(id, settings.heapMb, true) : new ProcessLink(id, settings);
  }
  /** A worker's share of the memory, where there is a limit; what the caller asks for, when that is less. */
  #heapLimit(asked = Number.POSITIVE_INFINITY): { heapMb?: number } {
    const { memoryBytes } = this.#limits;
    return memoryBytes === undefined
      ? {}
      : { heapMb: Math.max(MIN_HEAP_MB, Math.min(asked, Math.floor(memoryBytes / this.#slots.jobs / 2 ** 20))) };
  }
}

/** With less, Node does not start. */
const MIN_HEAP_MB = 16;

function audited({ peer, greeting: { token, transcript, about } }: Session) {
  const session = Buffer.from(transcript.session).toString('hex');
  return { peer, session, tokenId: token.id, versions: `jobloom ${about.jobloom}, node ${about.node}` };
}

/** Callers may ask for more or less patience, within reason. */
function silenceOf(asked: unknown): number {
  return typeof asked === 'number' && asked >= 500 && asked <= 3_600_000 ? asked : 10_000;
}
