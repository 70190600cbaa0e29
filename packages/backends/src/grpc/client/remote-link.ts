import type { Holding } from '../../bulk/depot.ts';
import { heldIn } from '../../bulk/inbox.ts';
import { ProtocolError, type WorkerExit } from '../../errors.ts';
import type { LinkEvents, WorkerLink } from '../../pool/link.ts';
import type { HostMessage, Packet, Part, WorkerMessage } from '../../pool/messages.ts';
import { PacketReader, packetToBytes } from '../../pool/wire.ts';
import type { WorkerSettings } from '../daemon/session.ts';
import type { BlobRef, Envelope, Place } from '../protocol/envelope.ts';
import { joinSmall } from '../protocol/join-small.ts';
import { hashOf } from './blobs.ts';

/** Code from this size on goes as a blob: less is sent to each worker sooner than it is asked for. */
const BLOB_CODE = 4 * 1024;
/** Parts from this size on that workers are sent once go as blobs. */
const BLOB_BYTES = 64 * 1024;

/** Of a gigabit network: a faster one is taken for slow, and large buffers stay where they are a little longer than is best. */
const BYTES_A_MS = 125_000;

/** The way of a link to its daemon. */
export interface Route {
  /** `host:port` of the daemon. */
  readonly address: string;
  /** Its number among the links of this stream. */
  readonly link: number;
  send(envelope: Envelope): void;
  /** Keeps a blob for as long as the daemon may ask for it. */
  offer(hash: Buffer, bytes: Uint8Array): void;
  /** The same for a large buffer. @returns its hash, or what stands for it */
  bring(holding: Holding): Buffer;
  /** The daemon has what this holds, or is about to. */
  has(holding: Holding): boolean;
}

/** Finds daemons for links. */
export interface Placer {
  place(link: RemoteLink): void;
  /** It does not want one any more. */
  withdraw(link: RemoteLink): void;
  /** Whether it keeps the program alive. */
  hold(link: RemoteLink, held: boolean): void;
}

/** A worker in a daemon. Until there is room for it somewhere it counts as starting. */
export class RemoteLink implements WorkerLink {
  readonly settings: WorkerSettings;
  readonly #id: number;
  readonly #placer: Placer;
  #route: Route | undefined;
  #events: LinkEvents | undefined;
  #place: Place | undefined;
  readonly #reader = new PacketReader((packet: Packet<never>) => this.#read(packet));

  constructor(id: number, placer: Placer, settings: WorkerSettings) {
    this.#id = id;
    this.#placer = placer;
    this.settings = settings;
  }

  get name(): string {
    return this.#route === undefined ? `grpc-${this.#id}` : `grpc-${this.#id} on ${this.#route.address}`;
  }

  start(events: LinkEvents): void {
    this.#events = events;
    this.#placer.place(this);
  }

  /** There is room for it. */
  goes(route: Route): void {
    this.#route = route;
    route.send({ type: 'open', link: route.link, settings: JSON.stringify(this.settings) });
  }

  send(packet: Packet<HostMessage>): void {
    const { type } = packet.message;
    if (type === 'define' || type === 'parcel') this.#sendWithBlobs(packet, BLOB_BYTES);
    else if (type === 'code' && packet.message.text.length >= BLOB_CODE) this.#sendCode(packet.message);
    else this.#send(packet);
  }

  carry(scope: number, holding: Holding): void {
    const hash = this.#route?.bring(holding);
    if (hash === undefined) return;
    const message = { type: 'memory', scope, name: holding.name, part: 0 } as const;
    this.#send({ message, parts: [NOTHING], shared: [] }, [{ part: 0, hash }]);
  }

  transferMs(holdings: readonly Holding[]): number {
    return missingBytes(holdings, this.#route) / BYTES_A_MS;
  }

  place(): Place | undefined {
    return this.#place;
  }

  hold(held: boolean): void {
    this.#placer.hold(this, held);
  }

  stop(): void {
    if (this.#route !== undefined) this.#route.send({ type: 'stop', link: this.#route.link });
    else {
      this.#placer.withdraw(this);
      queueMicrotask(() => this.ended({ code: null, signal: 'SIGKILL' }));
    }
  }

  /** A piece of what the worker says. @throws ProtocolError */
  take(data: Uint8Array): void {
    this.#reader.push(data);
  }

  /** The worker is gone, or was never there. */
  ended(exit: WorkerExit, place?: Place): void {
    const events = this.#events;
    this.#events = undefined;
    this.#place = place;
    this.#placer.hold(this, false);
    events?.exit(exit);
  }

  #read(packet: Packet<never>): void {
    if (heldIn(packet.message as WorkerMessage).length > 0)
      throw new ProtocolError('a daemon that sends names of files in the place of results');
    this.#events?.packet(packet);
  }

  #sendCode({ hash, text }: HostMessage & { type: 'code' }): void {
    const part = new TextEncoder().encode(text);
    this.#sendWithBlobs({ message: { type: 'code', hash, text: '' }, parts: [part], shared: [] }, 0);
  }

  #sendWithBlobs(packet: Packet<HostMessage>, least: number): void {
    const parts: Part[] = [...packet.parts];
    const blobs: BlobRef[] = [];
    for (const [part, bytes] of packet.parts.entries()) {
      if (bytes.byteLength < least) continue;
      const hash = hashOf(bytes);
      this.#route?.offer(hash, bytes);
      blobs.push({ part, hash });
      parts[part] = NOTHING;
    }
    this.#send({ ...packet, parts }, blobs);
  }

  #send(packet: Packet<HostMessage>, blobs: readonly BlobRef[] = []): void {
    const route = this.#route;
    if (route === undefined) return;
    const pieces = joinSmall(packetToBytes(packet));
    for (const [at, data] of pieces.entries()) {
      const named = at === pieces.length - 1 && blobs.length > 0;
      route.send({ type: 'packet', link: route.link, data, ...(named && { blobs }) });
    }
  }
}

const NOTHING = new Uint8Array(0);

/** Bytes of these that a daemon lacks; 0 where it is not known which daemon. */
export function missingBytes(holdings: readonly Holding[], daemon: Pick<Route, 'has'> | undefined): number {
  let bytes = 0;
  if (daemon !== undefined) for (const holding of holdings) if (!daemon.has(holding)) bytes += holding.length;
  return bytes;
}
