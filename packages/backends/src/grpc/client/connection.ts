import { hostname } from 'node:os';
import type { Client } from '@grpc/grpc-js';
import type { Holding } from '../../bulk/depot.ts';
import { BackendUnusableError, ProtocolError, type WorkerExit, WorkerMemoryError } from '../../errors.ts';
import { packageVersion } from '../../package-version.ts';
import type { DaemonAddress } from '../discovery/source.ts';
import type { Liveness } from '../liveness/liveness.ts';
import { loadGrpc } from '../load.ts';
import { asIs, madeCall, toBytes, WORK } from '../protocol/calls.ts';
import { type Duplex, duplexOver, MAX_MESSAGE } from '../protocol/duplex.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { type Greeting, greetDaemon } from '../protocol/greet.ts';
import { derivedKey } from '../protocol/handshake.ts';
import { VERSIONS } from '../protocol/versions.ts';
import { lacks, type Requires, roomFor } from '../scheduling/requirements.ts';
import { clientCredentials, type TlsFiles } from '../security/tls.ts';
import type { Tokens } from '../security/tokens.ts';
import { hashOfHolding, keptHolding, Offers, probeOfHolding } from './blobs.ts';
import { Drafts } from './drafts.ts';
import { letGo } from './let-go.ts';
import type { RemoteLink } from './remote-link.ts';

/** For how long ends may be silent. */
export interface Patience {
  readonly liveness: Liveness;
  /** Milliseconds of silence after which a daemon is lost. */
  readonly lostAfterMs: number;
  /** Milliseconds of silence after which daemons end the session of this caller. */
  readonly clientLostAfterMs: number;
}

/** How a caller reaches daemons. */
export interface ReachOptions {
  readonly tokens: Tokens;
  readonly tls?: TlsFiles | undefined;
  readonly insecure?: boolean | undefined;
  readonly warn?: ((message: string) => void) | undefined;
  /** How silence is dealt with; left out: not at all. */
  readonly patience?: Patience;
  /** What each worker needs of its daemon. */
  readonly requires?: Requires | undefined;
}

export interface ConnectionEvents {
  /** The daemon has proved who it is, and takes workers. */
  ready(): void;
  /** Its slots have changed. */
  capacity(): void;
  /** The daemon lacked a blob. */
  sentBlob(bytes: number): void;
  /** The stream is over, or did not come about; all its links have ended. */
  ended(reason: Error): void;
}

/** Bytes that may be on their way to this end: 64 KiB, the standard's, halve the rate of large results. */
const WINDOW = 16 * 1024 * 1024;
/** More are not counted. */
const MOST_BLOBS = 10_000;
const HANDSHAKE_MS = 10_000;

/** The stream to one daemon, with the links that it carries. */
export class Connection {
  daemon: DaemonAddress;
  greeting: Greeting | undefined;
  /** Workers that it can have for this caller at once. */
  jobs = 0;
  /** It lets running tasks come to their end, and takes no others. */
  drains = false;
  /** What it lacks of what is required. */
  lacks: string | undefined;
  #requires: Requires = {};
  readonly #events: ConnectionEvents;
  readonly #links = new Map<number, RemoteLink>();
  readonly #offers = new Offers();
  readonly #drafts = new Drafts({
    send: (envelope) => this.#duplex?.send(envelope),
    sendBulk: (bulk) => this.#duplex?.sendBulk(bulk),
    summed: (hash) => this.#noteBlob(hash),
    known: (hash, holding) => this.#offers.add(hash, keptHolding(holding)),
  });
  /** Contents that are there: their probes. */
  readonly #blobs = new Set<string>();
  #client: Client | undefined;
  #duplex: Duplex | undefined;
  #lastLink = 0;
  #over = false;

  constructor(daemon: DaemonAddress, events: ConnectionEvents) {
    this.daemon = daemon;
    this.#events = events;
  }

  /** It has this content or one like it, as far as is known: it may have had to make room since. */
  has(holding: Holding): boolean {
    return this.#blobs.has(probeOfHolding(holding).toString('hex'));
  }

  /** Workers that are there. */
  get links(): number {
    return this.#links.size;
  }

  /** Dials. @throws nothing: what goes wrong is told by `ended` */
  dial(reach: ReachOptions): void {
    const { address } = this.daemon;
    try {
      const grpc = loadGrpc();
      const { insecure = false, warn, patience } = reach;
      const tls = tlsFor(this.daemon, reach.tls);
      const credentials = clientCredentials(grpc, tls, address, { insecure, ...(warn && { warn }) });
      this.#client = new grpc.Client(address, credentials, {
        'grpc-node.flow_control_window': WINDOW,
        'grpc.max_receive_message_length': MAX_MESSAGE,
        'grpc.max_send_message_length': -1,
        'grpc.use_local_subchannel_pool': 1,
        'grpc.enable_retries': 0,
      });
      const call = this.#client.makeBidiStreamRequest(WORK, toBytes, asIs, new grpc.Metadata(), {});
      this.use(duplexOver(madeCall(call), address), reach, ({ token, transcript }) => {
        const { session: sessionId } = transcript;
        if (patience === undefined) return;
        const { liveness, lostAfterMs } = patience;
        const peer = { address, tls, sessionId, key: derivedKey('beat', token, transcript), lostAfterMs };
        const watched = liveness.add(peer, (why) => this.close(new Error(why)));
        this.#duplex?.onEnd(() => watched.remove());
      });
    } catch (error) {
      queueMicrotask(() => this.#end(error as Error));
    }
  }

  /** Greets the daemon over a stream that is there, whoever dialled. `watch` sees to it that silence ends the stream. */
  use(duplex: Duplex, { tokens, patience, requires = {} }: ReachOptions, watch: (greeting: Greeting) => void): void {
    this.#duplex = duplex;
    duplex.onEnd((reason) => this.#end(reason));
    const about = {
      ...VERSIONS,
      node: process.version,
      jobloom: packageVersion(),
      name: `${hostname()}:${process.pid}`,
      ...(patience && { clientLostAfterMs: patience.clientLostAfterMs, lostAfterMs: patience.lostAfterMs }),
    };
    greetDaemon(duplex, { tokens, about, withinMs: HANDSHAKE_MS }, (greeting) => {
      duplex.onEnvelope((envelope) => this.#take(envelope));
      this.greeting = greeting;
      for (const probe of greeting.about.blobs ?? []) this.#blobs.add(probe);
      watch(greeting);
      if (this.#client !== undefined) letGo(this.#client.getChannel());
      this.#requires = requires;
      this.lacks = lacks(requires, greeting.about);
      this.jobs = this.#room(greeting.about.jobs);
      this.#events.ready();
    });
  }

  /** Puts a worker there. */
  open(link: RemoteLink): void {
    const duplex = this.#duplex as Duplex;
    const number = ++this.#lastLink;
    this.#links.set(number, link);
    link.goes({
      address: this.daemon.address,
      link: number,
      send: (envelope) => duplex.send(envelope),
      offer: (hash, bytes) => this.#offers.add(hash, { bytes: () => bytes, release: () => undefined }),
      bring: (holding) => this.#bring(holding),
      has: (holding) => this.has(holding),
    });
  }

  #room(jobs: unknown): number {
    return roomFor(this.#requires, this.greeting?.about ?? {}, jobsOf(jobs));
  }

  close(reason?: Error): void {
    if (this.#duplex === undefined) this.#end(reason ?? new Error('this end closed the stream'));
    else this.#duplex.close(reason);
  }

  #take(envelope: Envelope): void {
    switch (envelope.type) {
      case 'packet':
        return this.#links.get(envelope.link)?.take(envelope.data);
      case 'exit': {
        const link = this.#links.get(envelope.link);
        this.#links.delete(envelope.link);
        const { code, signal, error, place } = envelope;
        const exit: WorkerExit = {
          code: code ?? null,
          signal: signal ?? null,
          ...(error !== undefined && { error: errorOf(error, envelope) }),
        };
        link?.ended(exit, place);
        return this.#events.capacity();
      }
      case 'blobState': {
        const drafted = this.#drafts.answered(envelope.hash, envelope.needed);
        if (drafted !== undefined) {
          if (drafted > 0) this.#events.sentBlob(drafted);
          return;
        }
        const wanted = this.#offers.answered(envelope.hash, envelope.needed);
        this.#noteBlob(envelope.hash);
        if (wanted === undefined) return;
        this.#duplex?.sendBulk(wanted.bulk);
        return this.#events.sentBlob(wanted.size);
      }
      case 'capacity':
        this.jobs = this.#room(envelope.jobs);
        this.drains = jobsOf(envelope.jobs) === 0;
        return this.#events.capacity();
      case 'hello':
      case 'challenge':
      case 'proof':
      case 'about':
      case 'open':
      case 'stop':
      case 'blob':
      case 'draft':
      case 'sum':
        throw new ProtocolError(`a daemon that sends ${envelope.type}`);
      default:
        envelope satisfies never;
    }
  }

  #noteBlob(hash: Uint8Array): void {
    if (this.#blobs.size < MOST_BLOBS) this.#blobs.add(Buffer.from(hash).toString('hex'));
  }

  /** One whose hash is known is offered; others are hashed as they go. */
  #bring(holding: Holding): Buffer {
    this.#noteBlob(probeOfHolding(holding)); // it is there, or about to be
    const hash = hashOfHolding(holding);
    if (hash === undefined) return this.#drafts.nameOf(holding);
    holding.depot?.retain(holding);
    this.#offers.add(hash, keptHolding(holding));
    return hash;
  }

  #end(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#drafts.clear();
    this.#offers.clear();
    this.jobs = 0;
    const links = [...this.#links.values()];
    this.#links.clear();
    this.#client?.close();
    for (const link of links) link.ended({ code: null, signal: null, error: reason, severed: true });
    this.#events.ended(reason);
  }
}

function errorOf(text: string, { memoryLimit, hopeless }: { memoryLimit?: number; hopeless?: boolean }): Error {
  if (hopeless) return new BackendUnusableError(text);
  return memoryLimit === undefined ? new Error(text) : new WorkerMemoryError(text, memoryLimit);
}

function jobsOf(said: unknown): number {
  return Number.isInteger(said) && (said as number) > 0 ? (said as number) : 0;
}

/** The certificate must be for the name under which the daemon was found. */
function tlsFor({ serverName }: DaemonAddress, tls: TlsFiles | undefined): TlsFiles | undefined {
  return tls === undefined || serverName === undefined || tls.serverName !== undefined ? tls : { ...tls, serverName };
}
