import { heldIn, readHeld } from '../../bulk/inbox.ts';
import { cpuCount } from '../../cpu.ts';
import type { WorkerExit } from '../../errors.ts';
import type { WorkerLink } from '../../pool/link.ts';
import {
  bare,
  type FrameRef,
  type HostMessage,
  type Packet,
  type RunMessage,
  type WorkerMessage,
} from '../../pool/messages.ts';
import { UnitSpans } from '../observe/unit-spans.ts';
import type { BlobRef, Place } from '../protocol/envelope.ts';
import type { Allotment } from '../scheduling/inventory.ts';
import { BlobParts } from './blob-parts.ts';
import type { IncomingBlobs } from './incoming-blobs.ts';

/** What a worker in a daemon tells its session. */
export interface HostedEvents {
  packet(packet: Packet<WorkerMessage>): void;
  /** It could begin a unit: `go` when it may. */
  wants(): void;
  /** It has come to the end of a unit. */
  finished(): void;
  needs(hash: string): void;
  exit(exit: WorkerExit, place: Place | undefined): void;
}

interface Arrived {
  readonly packet: Packet<HostMessage>;
  readonly blobs: readonly BlobRef[] | undefined;
}

export interface HostedOptions {
  readonly blobs: IncomingBlobs;
  /** Tasks that the daemon runs at once. */
  readonly jobs: number;
  /** Resources that are with this worker while it lives. */
  readonly resources?: Allotment;
  /** It is to say how much memory it holds, whether its caller asks for that or not. */
  readonly reportsMemory?: true;
}

/** A worker that a daemon runs for one caller. Units wait here until it is their turn, and packets for their blobs. */
export class HostedWorker {
  /** When it had nothing to do since; undefined while it has, and while it starts. */
  idleSince: number | undefined;
  readonly #link: WorkerLink;
  readonly #events: HostedEvents;
  readonly #options: HostedOptions;
  readonly #parts: BlobParts;
  readonly #spans = new UnitSpans();
  #inbox: Arrived[] = [];
  /** Units that the worker has and has not come to the end of. */
  readonly #units = new Set<number>();
  #ready = false;
  #wanting = false;
  #pumping = false;
  #granted = false;
  #draining = false;
  /** Bytes that it has last said that it holds. */
  #said: number | undefined;
  /** The task that waits for what does not come. */
  #stuck: Place | undefined;
  /** Why it was ended from here. */
  #why: Error | undefined;
  /** Answers with files are read; what follows waits. */
  #reading: Promise<void> | undefined;

  constructor(link: WorkerLink, options: HostedOptions, events: HostedEvents) {
    this.#link = link;
    this.#options = options;
    this.#events = events;
    this.#parts = new BlobParts(options.blobs);
  }

  start(): void {
    this.#link.start({
      packet: (packet) => this.#answer(packet),
      exit: (exit) => this.#exited(exit),
    });
    this.#link.hold(true);
  }

  /** A packet of the caller's. */
  receive(packet: Packet<HostMessage>, blobs?: readonly BlobRef[]): void {
    const arrived = { packet, blobs };
    if (blobs !== undefined) this.#parts.expect(blobs);
    if (this.#inbox.length > 0 && this.#overtakes(packet.message) && this.#isWhole(arrived)) this.#forward(arrived);
    else {
      this.#inbox.push(arrived);
      this.pump();
    }
  }

  /** Forwards what may be forwarded now: call it when a blob has arrived. */
  pump(): void {
    let done = 0;
    this.#pumping = true;
    for (; done < this.#inbox.length; done += 1) {
      const arrived = this.#inbox[done] as Arrived;
      if (!this.#isWhole(arrived)) break;
      if (arrived.packet.message.type === 'run' && !this.#mayRun()) break;
      this.#forward(arrived);
    }
    this.#pumping = false;
    if (done > 0) this.#inbox = this.#inbox.slice(done);
    this.#noteRest();
  }

  /** The next unit may begin. */
  go(): void {
    this.#granted = true;
    if (!this.#pumping) this.pump(); // else it was asked for there, and is seen there
  }

  /** Comes to the end of what it has begun, and then ends; what has not begun goes back to its caller. */
  drain(): void {
    this.#draining = true;
    for (const unit of this.#units) this.#link.send(bare({ type: 'giveBack', unit }));
    this.#noteRest();
  }

  /** Ends it, whatever it does. @param why what its caller is told */
  stop(why?: Error): void {
    this.#why ??= why;
    this.#link.stop();
  }

  /** A blob does not come: if it waits for that it ends, and what was to run next counts as lost, or it would be sent here again and again. */
  goWithout(hash: string, why: Error): void {
    const named = ({ blobs = [] }: Arrived) => blobs.some((ref) => Buffer.from(ref.hash).toString('hex') === hash);
    if (!this.#inbox.some(named)) return;
    const next = this.#inbox.find(({ packet }) => packet.message.type === 'run')?.packet.message as RunMessage;
    this.#stuck = next && { unit: next.unit, index: next.from };
    this.stop(why);
  }

  /** Bytes that it holds, as far as it can be told. */
  get memory(): number | undefined {
    return this.#link.memory?.() ?? this.#said;
  }

  #isWhole({ blobs }: Arrived): boolean {
    if (blobs === undefined) return true;
    const missing = this.#parts.missing(blobs);
    for (const hash of missing) this.#events.needs(hash);
    return missing.length === 0;
  }

  #mayRun(): boolean {
    if (this.#granted) {
      this.#granted = false;
      this.#wanting = false;
      return true;
    }
    if (!this.#wanting && !this.#draining) {
      this.#wanting = true;
      this.#events.wants(); // may grant at once
      if (this.#granted) return this.#mayRun();
    }
    return false;
  }

  /** What a running unit may wait for does not stand behind one that waits for its turn. */
  #overtakes(message: HostMessage): boolean {
    if (message.type === 'parcel' || message.type === 'noParcel' || message.type === 'taken') return true;
    return message.type === 'cancel' && this.#units.has(message.unit);
  }

  #forward({ packet, blobs }: Arrived): void {
    const { message } = packet;
    if (message.type === 'welcome') {
      const { resources, reportsMemory = message.reportsMemory } = this.#options;
      const slots = Math.max(1, Math.floor(cpuCount() / this.#options.jobs));
      this.#link.send({
        ...packet,
        message: { ...message, reportsMemory, place: { ...message.place, slots, ...(resources && { resources }) } },
      });
      return;
    }
    if (message.type === 'run') this.#units.add(message.unit);
    const local = this.#parts.localize(this.#spans.begin(packet), blobs);
    if (blobs !== undefined) this.#parts.release(blobs);
    if (local !== undefined) this.#link.send(local);
  }

  #answer(packet: Packet<WorkerMessage>): void {
    const held = heldIn(packet.message);
    if (held.length === 0 && this.#reading === undefined) return this.#pass(packet);
    const reading = (this.#reading ?? Promise.resolve())
      .then(() => this.#read(packet, held))
      .then(() => this.#pass(packet))
      .catch(() => this.#link.stop()); // a file that cannot be read any more
    this.#reading = reading;
    void reading.then(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
  }

  /** What is in files of this machine goes in the packet. */
  async #read(packet: Packet<WorkerMessage>, frames: readonly FrameRef[]): Promise<void> {
    if (frames.length === 0) return;
    const names = await readHeld(packet, frames);
    this.#link.send(bare({ type: 'taken', names }));
    for (const frame of frames) delete (frame as { held?: unknown }).held;
  }

  #pass(packet: Packet<WorkerMessage>): void {
    const { message } = packet;
    if (message.type === 'ready') {
      this.#ready = true;
      this.#noteRest();
    }
    if (message.type === 'memory') this.#said = message.bytes;
    if (message.type !== 'outcomes') return this.#events.packet(packet);
    if (this.#draining) {
      const kept = message.segments.filter((segment) => segment.kind !== 'none' || segment.why !== 'cancelled');
      if (kept.length < message.segments.length) {
        if (kept.length > 0) this.#events.packet({ ...packet, message: { ...message, segments: kept, end: false } });
      } else this.#events.packet(packet);
    } else this.#events.packet(packet);
    this.#spans.hear(message);
    if (!message.end) return;
    this.#units.delete(message.unit);
    this.#events.finished();
    this.#noteRest();
  }

  #noteRest(): void {
    if (this.#units.size > 0) this.idleSince = undefined;
    else if (this.#draining) this.#link.stop();
    else if (this.#inbox.length > 0 || !this.#ready) this.idleSince = undefined;
    else this.idleSince ??= performance.now();
  }

  #exited(exit: WorkerExit): void {
    if (this.#reading !== undefined) return void this.#reading.then(() => this.#exited(exit));
    for (const { blobs } of this.#inbox.splice(0)) if (blobs !== undefined) this.#parts.release(blobs);
    this.#parts.clear();
    this.#spans.exited(exit);
    this.#link.clean?.();
    const place = this.#units.size === 0 ? (this.#stuck ?? { unit: 0, index: 0 }) : this.#link.place?.();
    this.#events.exit(this.#why === undefined ? exit : { ...exit, error: this.#why }, place);
  }
}
