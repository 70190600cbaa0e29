import { BackendUnusableError, OptionError, ProtocolError, type WorkerExit, WorkerMemoryError } from '../../errors.ts';
import type { HostMessage, Packet } from '../../pool/messages.ts';
import { PacketReader, packetToBytes } from '../../pool/wire.ts';
import { BatchCodes } from '../observe/batch-codes.ts';
import type { Duplex } from '../protocol/duplex.ts';
import type { BlobRef, Envelope, Place } from '../protocol/envelope.ts';
import type { Greeting } from '../protocol/greet.ts';
import { joinSmall } from '../protocol/join-small.ts';
import { checkRequires, resourcesOf } from '../scheduling/requirements.ts';
import type { BlobCache } from './blobs.ts';
import { HostedWorker } from './hosted-worker.ts';
import { IncomingBlobs } from './incoming-blobs.ts';
import type { Workforce } from './workforce.ts';

/** What a caller may ask of a worker. */
export interface WorkerSettings {
  readonly heapMb?: number;
  readonly innerMaxThreads?: number;
  /** Resources of the daemon that it alone has. */
  readonly requires?: Readonly<Record<string, number>>;
}

/** What a session needs of its daemon. */
export interface SessionHost {
  readonly cache: BlobCache;
  readonly workforce: Workforce;
  /** The first batch of this session that is made of these codes. */
  firstBatch(session: Session, codes: readonly string[], run: { readonly unit: number; readonly tasks: number }): void;
}

interface Hosted {
  readonly reader: PacketReader;
  /** Of the packet that is read now. */
  blobs: readonly BlobRef[] | undefined;
  worker?: HostedWorker;
  /** What came before there was room for the worker. */
  stopped?: boolean;
}

/** One caller of a daemon: its workers live as long as its stream. */
export class Session {
  readonly id: number;
  readonly greeting: Greeting;
  readonly #host: SessionHost;
  readonly #duplex: Duplex;
  readonly #links = new Map<number, Hosted>();
  readonly #blobs: IncomingBlobs;
  readonly #onEmpty: (() => void)[] = [];
  /** What it was given to run. */
  readonly given: BatchCodes = new BatchCodes((codes, run) => this.#host.firstBatch(this, codes, run));
  #over = false;

  constructor(id: number, duplex: Duplex, greeting: Greeting, host: SessionHost) {
    this.id = id;
    this.greeting = greeting;
    this.#host = host;
    this.#duplex = duplex;
    this.#blobs = new IncomingBlobs(
      host.cache,
      (envelope) => this.send(envelope),
      (key, why) => this.#without(key, why),
    );
    duplex.onEnvelope((envelope) => this.#take(envelope));
    duplex.onEnd(() => this.#end());
  }

  get peer(): string {
    return this.#duplex.peer;
  }

  get workers(): HostedWorker[] {
    return [...this.#links.values()].flatMap(({ worker }) => worker ?? []);
  }

  send(envelope: Envelope): void {
    this.#duplex.send(envelope);
  }

  /** No new tasks; resolves when those that run are over and the stream is closed. */
  drain(): Promise<void> {
    this.send({ type: 'capacity', jobs: 0 });
    return new Promise((resolve) => {
      this.#onEmpty.push(() => {
        this.close();
        resolve();
      });
      for (const worker of this.workers) worker.drain();
      this.#checkEmpty();
    });
  }

  close(reason?: Error): void {
    this.#duplex.close(reason);
  }

  #take(envelope: Envelope): void {
    switch (envelope.type) {
      case 'open':
        return this.#open(envelope.link, readSettings(envelope.settings));
      case 'packet': {
        const hosted = this.#links.get(envelope.link);
        if (hosted === undefined) return; // it ended meanwhile
        hosted.blobs = envelope.blobs;
        hosted.reader.push(envelope.data);
        return;
      }
      case 'stop':
        return this.#stop(envelope.link);
      case 'blob':
        if (this.#blobs.piece(envelope.hash, envelope.size, envelope.data)) this.#arrived();
        return;
      case 'draft':
        return this.#blobs.draft(envelope.name, envelope.probe);
      case 'sum':
        if (this.#blobs.sum(envelope.name, envelope.hash)) this.#arrived();
        return;
      case 'hello':
      case 'challenge':
      case 'proof':
      case 'about':
      case 'exit':
      case 'blobState':
      case 'capacity':
        throw new ProtocolError(`a caller that sends ${envelope.type}`);
      default:
        envelope satisfies never;
    }
  }

  #open(link: number, settings: WorkerSettings): void {
    if (link === 0 || this.#links.has(link)) throw new ProtocolError(`link ${link} is opened twice`);
    const hosted: Hosted = {
      blobs: undefined,
      reader: new PacketReader((packet) => {
        const { blobs } = hosted;
        hosted.blobs = undefined;
        this.given.take(link, packet.message as HostMessage);
        for (const { hash } of blobs ?? []) this.#blobs.offered(hash);
        hosted.worker?.receive(packet as Packet<HostMessage>, blobs);
        for (const { hash } of blobs ?? []) {
          const key = Buffer.from(hash).toString('hex');
          const why = this.#blobs.refusal(key);
          if (why !== undefined) hosted.worker?.goWithout(key, why);
        }
      }),
    };
    this.#links.set(link, hosted);
    this.#host.workforce.enter(
      this,
      () => {
        const worker = this.#hostWorker(link, settings);
        if (this.#links.get(link) !== hosted) worker.stop();
        hosted.worker = worker;
        return worker;
      },
      settings,
    );
  }

  #hostWorker(link: number, settings: WorkerSettings): HostedWorker {
    const { workforce } = this.#host;
    const allotment = workforce.allot(settings);
    const options = {
      blobs: this.#blobs,
      jobs: workforce.jobs,
      ...(settings.requires && { resources: allotment }),
      ...(workforce.guarded && { reportsMemory: true as const }),
    };
    const worker: HostedWorker = new HostedWorker(workforce.newLink(settings), options, {
      packet: (packet) => {
        for (const data of joinSmall(packetToBytes(packet))) this.send({ type: 'packet', link, data });
      },
      wants: () => workforce.wants(this, worker),
      finished: () => workforce.finished(worker),
      needs: (hash) => this.#need(hash),
      exit: (exit, place) => {
        this.#exited(link, workforce.left(worker, allotment, exit), place);
      },
    });
    worker.start();
    return worker;
  }

  #stop(link: number): void {
    const hosted = this.#links.get(link);
    if (hosted?.worker !== undefined) hosted.worker.stop();
    else if (hosted !== undefined) {
      this.#links.delete(link);
      this.send({ type: 'exit', link, signal: 'SIGKILL', place: { unit: 0, index: 0 } });
    }
  }

  #exited(link: number, { code, signal, error }: WorkerExit, place: Place | undefined): void {
    this.#links.delete(link);
    this.given.left(link);
    this.send({
      type: 'exit',
      link,
      ...(code !== null && { code }),
      ...(signal !== null && { signal }),
      ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
      ...(place && { place }),
      ...(error instanceof WorkerMemoryError && { memoryLimit: error.limit }),
      ...(error instanceof BackendUnusableError && { hopeless: true }),
    });
    this.#checkEmpty();
  }

  /** One that was here when it was named, and had to go since. */
  #need(hash: string): void {
    if (this.#blobs.isAwaited(hash)) return;
    this.close(new ProtocolError(`blob ${hash} had to make room before it was used`));
  }

  /** A blob has arrived: workers may wait for it. */
  #arrived(): void {
    for (const worker of this.workers) worker.pump();
  }

  /** There is no room for a blob: the workers that wait for it end. */
  #without(key: string, why: Error): void {
    for (const worker of this.workers) worker.goWithout(key, why);
  }

  #end(): void {
    this.#over = true;
    this.#blobs.drop();
    for (const [link, { worker }] of this.#links) {
      if (worker === undefined) this.#links.delete(link);
      else worker.stop();
    }
    this.#checkEmpty();
  }

  /** Its stream and all of its workers are gone. */
  get ended(): boolean {
    return this.#over && this.#links.size === 0;
  }

  onEmpty(listener: () => void): void {
    this.#onEmpty.push(listener);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (this.#links.size > 0) return;
    for (const empty of this.#onEmpty.splice(0)) empty();
  }
}

function readSettings(text: string): WorkerSettings {
  const { heapMb, innerMaxThreads, requires } = JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
  for (const value of [heapMb, innerMaxThreads])
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw new OptionError(`heapMb and innerMaxThreads must be numbers above 0. Got ${String(value)}.`);
  return {
    ...(heapMb !== undefined && { heapMb }),
    ...(innerMaxThreads !== undefined && { innerMaxThreads }),
    ...(requires !== undefined && { requires: resourcesOf(checkRequires(requires)) }),
  } as WorkerSettings;
}
