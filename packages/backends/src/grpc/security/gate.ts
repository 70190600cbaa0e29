import { createServer, type Server, type Socket } from 'node:net';

/** How many strangers may stand at the door, and for how long. */
export interface GateLimits {
  /** A connection that has not proved who it is after so many milliseconds is cut. */
  readonly handshakeMs: number;
  /** Of more that have not, the oldest is cut. */
  readonly maxStrangers: number;
  /** Connections that have: more are refused. */
  readonly maxConnections: number;
}

export const GATE_LIMITS: GateLimits = { handshakeMs: 5000, maxStrangers: 256, maxConnections: 4096 };

/** What a gate has turned away, by reason. */
export interface GateCounts {
  readonly strangers: number;
  readonly admitted: number;
  readonly late: number;
  readonly crowded: number;
  readonly full: number;
}

interface Stranger {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

/**
 * The listening socket before a gRPC server: bounds what connections may cost that have not proved who they are.
 * However many there are, somebody who can prove it gets in.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #inject: (socket: Socket) => void;
  readonly #server: Server;
  /** Oldest first. */
  readonly #strangers = new Map<string, Stranger>();
  readonly #admitted = new Set<string>();
  #late = 0;
  #crowded = 0;
  #full = 0;

  /** @param inject takes a connection: `server.createConnectionInjector(credentials).injectConnection` */
  constructor(inject: (socket: Socket) => void, limits: Partial<GateLimits> = {}) {
    this.#limits = { ...GATE_LIMITS, ...limits };
    this.#inject = inject;
    this.#server = createServer({ noDelay: true }, (socket) => this.#arrived(socket));
  }

  /** From now on, neither it nor its connections keep the program alive. To be called before it listens. */
  unref(): this {
    this.#server.unref();
    this.#server.on('connection', (socket: Socket) => socket.unref());
    return this;
  }

  /** @returns the port */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => undefined); // out of file descriptors: those that are open go on
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  }

  /** The connection from `peer`, a call's `getPeer()`, has proved who it is. @returns false when there are too many: refuse it */
  admit(peer: string): boolean {
    if (this.#admitted.has(peer)) return true;
    const stranger = this.#strangers.get(peer);
    if (stranger === undefined) return false;
    if (this.#admitted.size >= this.#limits.maxConnections) {
      this.#full += 1;
      return false;
    }
    clearTimeout(stranger.timer);
    this.#strangers.delete(peer);
    this.#admitted.add(peer);
    return true;
  }

  counts(): GateCounts {
    return {
      strangers: this.#strangers.size,
      admitted: this.#admitted.size,
      late: this.#late,
      crowded: this.#crowded,
      full: this.#full,
    };
  }

  /** Takes no new connections and cuts those that have not proved who they are; the gRPC server ends the others, with what is on its way to them. */
  close(): void {
    this.#server.close();
    for (const { socket } of this.#strangers.values()) socket.destroy();
  }

  #arrived(socket: Socket): void {
    const peer = peerOf(socket);
    socket.on('error', () => undefined); // shows as 'close'
    const timer = setTimeout(() => {
      this.#late += 1;
      this.#strangers.delete(peer);
      socket.destroy();
    }, this.#limits.handshakeMs);
    timer.unref();
    this.#strangers.set(peer, { socket, timer });
    socket.once('close', () => {
      clearTimeout(timer);
      if (this.#strangers.get(peer)?.socket === socket) this.#strangers.delete(peer);
      else this.#admitted.delete(peer);
    });
    if (this.#strangers.size > this.#limits.maxStrangers) {
      for (const [name, oldest] of this.#strangers) {
        this.#crowded += 1;
        this.#strangers.delete(name);
        oldest.socket.destroy();
        break;
      }
    }
    this.#inject(socket);
  }
}

/** As `getPeer()` of a call writes it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
