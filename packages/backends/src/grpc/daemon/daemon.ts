import { hostname, loadavg } from 'node:os';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { cpuCount } from '../../cpu.ts';
import { OptionError } from '../../errors.ts';
import { packageVersion } from '../../package-version.ts';
import { BEAT } from '../liveness/beat-service.ts';
import { BeatingSessions } from '../liveness/beating-sessions.ts';
import { loadGrpc } from '../load.ts';
import { Audit } from '../observe/audit.ts';
import type { DaemonStats } from '../observe/daemon-stats.ts';
import { Health } from '../observe/health.ts';
import type { Log } from '../observe/log.ts';
import { asIs, servedCall, toBytes, WORK } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import { type Greeting, greetCaller } from '../protocol/greet.ts';
import type { Outgoing } from '../protocol/outgoing.ts';
import { type About, VERSIONS } from '../protocol/versions.ts';
import { planMemory } from '../scheduling/memory-plan.ts';
import { Gate } from '../security/gate.ts';
import { splitAddress } from '../security/loopback.ts';
import { type ReloadableServerCredentials, serverCredentials, type TlsFiles } from '../security/tls.ts';
import { ensureLocalToken, type ReloadableTokens, type Tokens } from '../security/tokens.ts';
import { BlobCache } from './blobs.ts';
import { type DaemonLimits, LIMITS } from './limits.ts';
import { MemoryGuard } from './memory-guard.ts';
import { Session, type SessionHost } from './session.ts';
import { Workforce } from './workforce.ts';

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

/** What is particular to one stream. */
export interface Serving {
  /** Whether there is room for a caller that has proved who it is. */
  readonly admit?: () => boolean;
  /** Sees to it that a caller's silence ends the stream; left out: the caller beats, as those that dial do. */
  readonly watch?: (greeting: Greeting, silenceMs: number) => void;
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
  readonly #workforce: Workforce;
  readonly #host: SessionHost;
  #server: Server | undefined;
  #lastSession = 0;
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
    const { workersPerJob, memoryBytes, blobBytes } = this.#limits;
    const threads = kind === 'threads';
    const memory = memoryBytes === undefined ? undefined : planMemory(memoryBytes, jobs, blobBytes);
    this.#cache = new BlobCache(memory?.blobs ?? blobBytes, threads);
    const guard = memory && new MemoryGuard(memory, threads, () => (threads ? 0 : this.#cache.held));
    this.#workforce = new Workforce({ jobs, kind, resources: resources ?? {}, workersPerJob, guard });
    this.#host = {
      cache: this.#cache,
      workforce: this.#workforce,
      firstBatch: (session, codes, { unit, tasks }) => this.#audit.batch(audited(session), unit, codes, tasks),
    };
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
    const work = (call: ServerDuplexStream<Buffer, Outgoing>): void => {
      const peer = call.getPeer();
      this.serve(duplexOver(servedCall(call), peer), { admit: () => this.#gate?.admit(peer) ?? false });
    };
    server.register(WORK, work, toBytes, asIs, 'bidi');
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

  /** Serves a caller over a stream, whoever dialled. */
  serve(duplex: Duplex, { admit = () => true, watch }: Serving = {}): void {
    const { peer } = duplex;
    const options = {
      tokens: this.#tokens,
      about: { ...this.about, stats: this.stats, blobs: this.#cache.latest(MOST_TOLD) },
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
      const silent = (ms: number): string => `its client has been silent for ${ms} ms (clientLostAfter)`;
      if (watch === undefined) this.#beating.watch(duplex, greeting, silenceMs, silent);
      else watch(greeting, silenceMs);
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
      slots: this.#workforce.jobs,
      busy: this.#workforce.busy,
      clients: this.sessions.size,
      workers: this.#workforce.size,
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
    this.#workforce.stop();
  }

  get status(): DaemonStatus {
    return {
      about: this.about,
      callers: this.sessions.size,
      workers: this.#workforce.size,
      busy: this.#workforce.busy,
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
}

/** Blobs that a caller hears of when it comes. */
const MOST_TOLD = 100;

function audited({ peer, greeting: { token, transcript, about } }: Session) {
  const session = Buffer.from(transcript.session).toString('hex');
  return { peer, session, tokenId: token.id, versions: `jobloom ${about.jobloom}, node ${about.node}` };
}

/** Callers may ask for more or less patience, within reason. */
function silenceOf(asked: unknown): number {
  return typeof asked === 'number' && asked >= 500 && asked <= 3_600_000 ? asked : 10_000;
}
