import { ProtocolError } from '../../errors.ts';
import { decodeMessage } from './decode.ts';
import { type Encoded, encodeEnvelope } from './encode.ts';
import type { BlobEnvelope, Envelope, PacketEnvelope } from './envelope.ts';

/** A stream of envelopes both ways, whoever dialled. */
export interface Duplex {
  /** `host:port` of the other end, for messages. */
  readonly peer: string;
  /** In order; what is said at once goes together, and so does what follows within that turn of the event loop. After the end, nothing happens. */
  send(envelope: Envelope): void;
  /** Before the first turn of the event loop after the stream was made. */
  onEnvelope(listener: (envelope: Envelope) => void): void;
  /** Hears once of the end, however it came. */
  onEnd(listener: (reason: Error) => void): void;
  /** Ends the stream; what was sent goes out first when there is no reason. */
  close(reason?: Error): void;
  /** Messages of more bytes end the stream: small at first, large once the other end has proved who it is. */
  limit: number;
}

/** What a duplex needs of a call of grpc-js, made by either end. */
export interface ByteStream {
  write(message: Buffer): boolean;
  onData(listener: (message: Buffer) => void): void;
  onDrain(listener: () => void): void;
  onEnd(listener: (reason: Error) => void): void;
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

/** A duplex over a call. */
export function duplexOver(stream: ByteStream, peer: string): Duplex {
  return new StreamDuplex(stream, peer);
}

class StreamDuplex implements Duplex {
  readonly peer: string;
  limit: number = SMALL_MESSAGE;
  readonly #stream: ByteStream;
  #listener: (envelope: Envelope) => void = () => undefined;
  readonly #enders: ((reason: Error) => void)[] = [];
  #pending: Encoded[] = [];
  /** Something was sent in this turn of the event loop: what follows goes at its end. */
  #turn = false;
  #blocked = false;
  #reason: Error | undefined;

  constructor(stream: ByteStream, peer: string) {
    this.peer = peer;
    this.#stream = stream;
    stream.onData((message) => this.#read(message));
    stream.onDrain(() => {
      this.#blocked = false;
      this.#flush();
    });
    stream.onEnd((reason) => this.#ended(reason));
  }

  send(envelope: Envelope): void {
    if (this.#reason !== undefined) return;
    if ((envelope.type === 'packet' || envelope.type === 'blob') && envelope.data.byteLength > PIECE)
      for (const piece of pieces(envelope)) this.#pending.push(encodeEnvelope(piece));
    else this.#pending.push(encodeEnvelope(envelope));
    if (this.#turn || this.#blocked) return;
    this.#turn = true;
    process.nextTick(() => this.#flush()); // what comes first does not wait for the rest of its turn
    setImmediate(() => {
      this.#turn = false;
      this.#flush();
    });
  }

  onEnvelope(listener: (envelope: Envelope) => void): void {
    this.#listener = listener;
  }

  onEnd(listener: (reason: Error) => void): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else this.#enders.push(listener);
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
      if (message.byteLength > this.limit)
        throw new ProtocolError(`a message of ${message.byteLength} bytes, where ${this.limit} are allowed`);
      for (const envelope of decodeMessage(message)) this.#listener(envelope);
    } catch (error) {
      this.close(error as Error);
    }
  }

  #ended(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#pending = [];
    for (const ended of this.#enders.splice(0)) ended(reason);
  }

  #flush(all = false): void {
    const pending = this.#pending;
    if (pending.length === 0 || (this.#blocked && !all)) return;
    let from = 0;
    while (from < pending.length && (all || !this.#blocked)) {
      let bytes = 0;
      let to = from;
      for (; to < pending.length; to += 1) {
        const { head, body } = pending[to] as Encoded;
        const more = head.byteLength + (body?.byteLength ?? 0);
        if (to > from && bytes + more > MAX_MESSAGE) break;
        bytes += more;
      }
      this.#blocked = !this.#stream.write(join(pending, from, to, bytes));
      from = to;
    }
    this.#pending = from === pending.length ? [] : pending.slice(from);
  }
}

function join(pending: readonly Encoded[], from: number, to: number, bytes: number): Buffer {
  const message = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let index = from; index < to; index += 1) {
    const { head, body } = pending[index] as Encoded;
    message.set(head, at);
    at += head.byteLength;
    if (body === undefined) continue;
    message.set(body, at);
    at += body.byteLength;
  }
  return message;
}

/** The same bulk in pieces; what completes a packet is with the last. */
function* pieces(envelope: PacketEnvelope | BlobEnvelope): Generator<Envelope> {
  const { data } = envelope;
  for (let at = 0; at < data.byteLength; at += PIECE) {
    const piece = data.subarray(at, at + PIECE);
    const last = at + PIECE >= data.byteLength;
    if (envelope.type !== 'packet' || last) yield { ...envelope, data: piece };
    else yield { type: 'packet', link: envelope.link, data: piece };
  }
}
