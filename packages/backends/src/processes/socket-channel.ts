import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { ProtocolError } from '../errors.ts';
import type { Packet } from '../pool/messages.ts';
import { PacketReader, packetToBytes } from '../pool/wire.ts';

/** Below this much, one copy is cheaper than one more buffer in the write. */
const JOIN_BELOW = 64 * 1024;

/** Where the bytes of packets come from. */
export interface Incoming {
  /** Left out: the same socket. */
  readonly source?: Socket;
  /** Takes the bytes of packets out of what comes; left out: all of it. */
  readonly unwrap?: (read: (chunk: Buffer) => void) => (chunk: Buffer) => void;
}

/** Packets over a socket: what is sent within one turn of the event loop goes out in one write. */
export class SocketChannel<Out, In> {
  readonly socket: Socket;
  #pending: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;

  constructor(
    socket: Socket,
    onPacket: (packet: Packet<In>) => void,
    { source = socket, unwrap = (read) => read }: Incoming = {},
  ) {
    this.socket = socket;
    const reader = new PacketReader(onPacket as (packet: Packet<never>) => void);
    const read = unwrap((chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        socket.destroy(error);
      }
    });
    source.on('data', read);
    hearLastWords(source, read);
    socket.on('error', () => undefined); // 'close' follows, and tells
  }

  send(packet: Packet<Out>): void {
    if (this.socket.destroyed) return;
    for (const bytes of packetToBytes(packet)) {
      this.#pending.push(bytes);
      this.#bytes += bytes.byteLength;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => this.flush());
  }

  /** Hands everything to the kernel now. True when it took all of it, now and before. */
  flush(): boolean {
    this.#scheduled = false;
    this.#write();
    return this.socket.writableLength === 0;
  }

  #write(): void {
    const pending = this.#pending;
    if (pending.length === 0 || this.socket.destroyed) return;
    this.#pending = [];
    if (this.#bytes < JOIN_BELOW) {
      this.socket.write(pending.length === 1 ? (pending[0] as Uint8Array) : Buffer.concat(pending, this.#bytes));
    } else {
      this.socket.cork();
      for (const bytes of pending) this.socket.write(bytes);
      this.socket.uncork();
    }
    this.#bytes = 0;
  }
}

const GONE = new Set(['EPIPE', 'ECONNRESET']);

/** A write to an end that is gone destroys the socket: what that end said last is read before. */
function hearLastWords(socket: Socket, read: (chunk: Buffer) => void): void {
  const destroy = socket._destroy;
  socket._destroy = (error, done) => {
    const { fd = -1 } = (socket as unknown as { _handle?: { fd?: number } })._handle ?? {};
    if (fd >= 0 && GONE.has((error as NodeJS.ErrnoException | null)?.code ?? '')) {
      try {
        for (;;) {
          const chunk = Buffer.allocUnsafe(JOIN_BELOW);
          const length = readSync(fd, chunk);
          if (length === 0) break;
          read(chunk.subarray(0, length));
        }
      } catch {
        // nothing more is there
      }
    }
    destroy.call(socket, error, done);
  };
}

/** What is written is with the kernel when the call returns: results go without a turn of the event loop, marks before whatever ends this process. */
export function writeAtOnce(socket: Socket): void {
  (socket as unknown as { _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
}
