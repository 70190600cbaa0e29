import { ProtocolError } from '../../errors.ts';
import { type Bulk, BulkQueue } from './bulk-queue.ts';
import { decodeMessage } from './decode.ts';
import { type Encoded, encodeEnvelope } from './encode.ts';
import type { Envelope, PacketEnvelope } from './envelope.ts';
import { type Bench, Outgoing } from './outgoing.ts';

/** A stream of envelopes both ways, whoever dialled. */
export interface Duplex {
  /** `host:port` of the other end, for messages. */
  readonly peer: string;
  /** In order; what is said at once goes together, and so does what is said within a turn of the event loop while there is much. After the end, nothing happens. */
  send(envelope: Envelope): void;
  /** Sends what may be large piece by piece, beside all else. */
  sendBulk(bulk: Bulk): void;
  /** Before the first turn of the event loop after the stream was made. */
  onEnvelope(listener: (envelope: Envelope) => void): void;
  /** Hears once of the end, however it came. */
  onEnd(listener: (reason: Error) => void): void;
  /** Ends the stream; what was sent goes out first when there is no reason. */
  close(reason?: Error): void;
  /** The other end has proved who it is: what it sends may be large, and come fast. Until then, messages are small. */
  trust(): void;
}

/** What a duplex needs of a call of grpc-js, made by either end. */
export interface ByteStream {
  write(message: Outgoing): boolean;
  onData(listener: (message: Buffer) => void): void;
  onDrain(listener: () => void): void;
  onEnd(listener: (reason: Error) => void): void;
  /** More may be on its way to this end at once. */
  widen?(): void;
  /** After what was written. */
  finish(): void;
  /** At once; the other end hears why, where it can. */
  abort(reason: Error): void;
}

/** Most bytes of a message on the stream, with what is around its bulk; both ends tell grpc-js. */
export const MAX_MESSAGE: number = 1024 * 1024 + 4096;
/** Bulk goes in pieces of so many bytes. */
export const PIECE: number = 1024 * 1024;
/** Messages before the handshake is over are smaller. */
export const SMALL_MESSAGE = 256;

/** So soon after a message, the next one waits for all that is said in this turn of the event loop; otherwise it goes at once. */
const BUSY_MS = 0.1;

/** A duplex over a call. */
export function duplexOver(stream: ByteStream, peer: string): Duplex {
  return new StreamDuplex(stream, peer);
}

class StreamDuplex implements Duplex {
  readonly peer: string;
  #limit: number = SMALL_MESSAGE;
  readonly #stream: ByteStream;
  #listener: (envelope: Envelope) => void = () => undefined;
  readonly #enders: ((reason: Error) => void)[] = [];
  #pending: Encoded[] = [];
  readonly #bulk: BulkQueue;
  readonly #bench: Bench = { memory: undefined };
  #scheduled = false;
  #flushedAt = 0;
  #blocked = false;
  #reason: Error | undefined;

  constructor(stream: ByteStream, peer: string) {
    this.peer = peer;
    this.#stream = stream;
    this.#bulk = new BulkQueue((piece, taken) => this.#write([encodeEnvelope(piece)], taken));
    stream.onData((message) => this.#read(message));
    stream.onDrain(() => {
      this.#blocked = false;
      this.#flush();
      this.#nextTurn();
    });
    stream.onEnd((reason) => this.#ended(reason));
  }

  send(envelope: Envelope): void {
    if (this.#reason !== undefined) return;
    if (envelope.type === 'packet' && envelope.data.byteLength > PIECE)
      for (const piece of pieces(envelope)) this.#pending.push(encodeEnvelope(piece));
    else this.#pending.push(encodeEnvelope(envelope));
    if (this.#scheduled || this.#blocked) return;
    if (performance.now() - this.#flushedAt < BUSY_MS) return this.#nextTurn();
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  sendBulk(bulk: Bulk): void {
    if (this.#reason !== undefined) return bulk.over();
    this.#bulk.add(bulk);
    this.#nextTurn();
  }

  onEnvelope(listener: (envelope: Envelope) => void): void {
    this.#listener = listener;
  }

  onEnd(listener: (reason: Error) => void): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else this.#enders.push(listener);
  }

  trust(): void {
    this.#limit = MAX_MESSAGE;
    this.#stream.widen?.();
  }

  close(reason?: Error): void {
    if (this.#reason !== undefined) return;
    if (reason === undefined) this.#flush(true);
    this.#ended(reason ?? new Error('this end closed the stream'));
    if (reason === undefined) this.#stream.finish();
    else this.#stream.abort(reason);
  }

  #read(message: Buffer): void {
    if (this.#reason !== undefined) return;
    try {
      if (message.byteLength > this.#limit)
        throw new ProtocolError(`a message of ${message.byteLength} bytes, where ${this.#limit} are allowed`);
      for (const envelope of decodeMessage(message)) this.#listener(envelope);
    } catch (error) {
      this.close(error as Error);
    }
  }

  #ended(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#pending = [];
    this.#bulk.drop();
    for (const ended of this.#enders.splice(0)) ended(reason);
  }

  /** One piece of bulk a turn: what others say in the meantime goes before the next one. */
  #nextTurn(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (!this.#blocked && this.#bulk.sendOne()) this.#nextTurn();
    });
  }

  #flush(all = false): void {
    const pending = this.#pending;
    if (this.#blocked && !all) return;
    let from = 0;
    while (from < pending.length && (all || !this.#blocked)) {
      let bytes = 0;
      let to = from;
      for (; to < pending.length; to += 1) {
        const more = sizeOf(pending[to] as Encoded);
        if (to > from && bytes + more > MAX_MESSAGE) break;
        bytes += more;
      }
      this.#write(from === 0 && to === pending.length ? pending : pending.slice(from, to));
      from = to;
    }
    if (from === 0) return;
    this.#flushedAt = performance.now();
    this.#pending = from === pending.length ? [] : pending.slice(from);
  }

  #write(parts: readonly Encoded[], taken?: () => void): void {
    let bytes = 0;
    for (const part of parts) bytes += sizeOf(part);
    this.#blocked = !this.#stream.write(new Outgoing(parts, bytes, this.#bench, taken));
  }
}

function sizeOf({ head, body }: Encoded): number {
  return head.byteLength + (body === undefined ? 0 : body.byteLength);
}

/** The same bulk in pieces; what completes a packet is with the last. */
function* pieces(envelope: PacketEnvelope): Generator<Envelope> {
  const { data } = envelope;
  for (let at = 0; at < data.byteLength; at += PIECE) {
    const piece = data.subarray(at, at + PIECE);
    if (at + PIECE >= data.byteLength) yield { ...envelope, data: piece };
    else yield { type: 'packet', link: envelope.link, data: piece };
  }
}
