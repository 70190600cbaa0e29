import { Packr } from 'msgpackr/pack'; // without streams and native strings, which our small messages do not need
import { ProtocolError } from '../errors.ts';
import type { Packet, Part } from './messages.ts';
import { lengthen, MAX_SHORT, type Short, shorten } from './short.ts';

/** Control messages only: user values are inside codec frames, which are parts. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** No message of ours comes near: a length beyond it means that the stream is broken, or not ours. */
const MAX_CONTROL = 256 * 1024 * 1024;

/**
 * A packet as bytes: u32 length of the control block (little endian), the block, then each part's
 * bytes. The block is `[message, lengths of the parts]` in MessagePack, or a short packet's numbers as doubles behind a mark.
 * @throws ProtocolError for shared memory, which bytes cannot carry
 */
export function packetToBytes(packet: Packet<unknown>): Uint8Array[] {
  if (packet.shared.length > 0) throw new ProtocolError('shared memory cannot cross this channel');
  const short = shorten(packet);
  if (short !== undefined) return [shortBlock(short)];
  return [block(packr.pack([packet.message, packet.parts.map((part) => part.byteLength)])), ...packet.parts];
}

function block(control: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(4 + control.byteLength);
  bytes.writeUInt32LE(control.byteLength, 0);
  bytes.set(control, 4);
  return bytes;
}

/** Begins a block of doubles: the one byte that MessagePack never uses. */
const DOUBLES = 0xc1;
const doubles = new Float64Array(MAX_SHORT);
const doublesBytes = new Uint8Array(doubles.buffer);

function shortBlock(short: Short): Buffer {
  const { length } = short;
  for (let at = 0; at < length; at += 1) doubles[at] = short[at] as number;
  const bytes = Buffer.allocUnsafe(5 + 8 * length);
  bytes.writeUInt32LE(1 + 8 * length, 0);
  bytes[4] = DOUBLES;
  bytes.set(length === MAX_SHORT ? doublesBytes : doublesBytes.subarray(0, 8 * length), 5);
  return bytes;
}

function readShort(control: Uint8Array): Short {
  const length = (control.byteLength - 1) / 8;
  if (!Number.isInteger(length) || length > MAX_SHORT) throw new TypeError('no short packet');
  doublesBytes.set(control.subarray(1));
  const short = new Array<number>(length);
  for (let at = 0; at < length; at += 1) short[at] = doubles[at] as number;
  return short;
}

/** Turns a stream of chunks back into packets, however it was cut. Each part gets memory of its own, so that arrays in it are aligned. */
export class PacketReader {
  readonly #onPacket: (packet: Packet<never>) => void;
  #control: Buffer | undefined;
  #length = new Uint8Array(4);
  #filled = 0;
  #state: 'length' | 'control' | 'parts' = 'length';
  #message: unknown;
  #parts: Part[] = [];
  #part = 0;

  constructor(onPacket: (packet: Packet<never>) => void) {
    this.#onPacket = onPacket;
  }

  /** True between packets: a stream that ends elsewhere was cut off. */
  get idle(): boolean {
    return this.#state === 'length' && this.#filled === 0;
  }

  /** @throws ProtocolError when the bytes are no packets */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.byteLength) {
      const whole = this.#whole(chunk, at);
      if (whole > 0) {
        this.#readControl(chunk.subarray(at + 4, at + whole));
        at += whole;
        continue;
      }
      const target = this.#target();
      const take = Math.min(target.byteLength - this.#filled, chunk.byteLength - at);
      target.set(at === 0 && take === chunk.byteLength ? chunk : chunk.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === target.byteLength) this.#complete();
    }
  }

  /** Bytes of the control block that starts here, when all of it is in the chunk: it is read without a copy. */
  #whole(chunk: Uint8Array, at: number): number {
    if (this.#state !== 'length' || this.#filled > 0 || chunk.byteLength - at < 4) return 0;
    const length = checkedLength(chunk, at);
    return chunk.byteLength - at >= 4 + length ? 4 + length : 0;
  }

  #target(): Uint8Array {
    if (this.#state === 'length') return this.#length;
    if (this.#state === 'control') return this.#control as Buffer;
    return this.#parts[this.#part] as Part;
  }

  #complete(): void {
    this.#filled = 0;
    if (this.#state === 'length') {
      this.#control = Buffer.allocUnsafe(checkedLength(this.#length, 0));
      this.#state = 'control';
    } else if (this.#state === 'control') {
      this.#readControl(this.#control as Buffer);
    } else {
      this.#part += 1;
      this.#skipEmpty();
    }
  }

  #readControl(control: Uint8Array): void {
    let short: Packet<never> | undefined;
    try {
      if (control[0] === DOUBLES) short = lengthen(readShort(control));
      else {
        const [message, lengths] = packr.unpack(control) as [unknown, number[]];
        this.#message = message;
        this.#parts = lengths.map((length) => new Uint8Array(length));
      }
    } catch (error) {
      throw new ProtocolError('a control block that cannot be read', { cause: error });
    }
    this.#control = undefined;
    if (short !== undefined) {
      this.#state = 'length';
      this.#onPacket(short);
      return;
    }
    this.#state = 'parts';
    this.#part = 0;
    this.#skipEmpty();
  }

  /** Parts of no bytes get none; after the last part the packet is whole. */
  #skipEmpty(): void {
    while (this.#part < this.#parts.length && this.#parts[this.#part]?.byteLength === 0) this.#part += 1;
    if (this.#part < this.#parts.length) return;
    const packet = { message: this.#message, parts: this.#parts, shared: [] } as unknown as Packet<never>;
    this.#state = 'length';
    this.#message = undefined;
    this.#parts = [];
    this.#onPacket(packet);
  }
}

function checkedLength(bytes: Uint8Array, at: number): number {
  const length =
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0;
  if (length === 0 || length > MAX_CONTROL) throw new ProtocolError(`a control block of ${length} bytes`);
  return length;
}
