import { Session } from '@jobloom/codec';
import type { HostMessage, Packet } from '../pool/messages.ts';
import { readFrame } from '../pool/messages.ts';

export type Rebuilt = (...args: unknown[]) => unknown;

type Define = HostMessage & { readonly type: 'define' };

interface Entry {
  readonly scope: number;
  readonly packet: Packet<Define>;
  readonly stateful: boolean;
  built?: Rebuilt;
}

/** The functions that a worker was sent, and what it remembers of each call. */
export class Functions {
  readonly #sharedMemory: boolean;
  readonly #sessions = new Map<number, Session>();
  readonly #entries = new Map<number, Entry>();

  constructor(sharedMemory: boolean) {
    this.#sharedMemory = sharedMemory;
  }

  define(packet: Packet<Define>): void {
    const { fn, scope, stateful } = packet.message;
    this.#entries.set(fn, { scope, packet, stateful });
  }

  /**
   * The codec's memory of a call, from its first use to its end.
   * @param open results may hold functions that tasks make
   */
  session(scope: number, open = false): Session {
    let session = this.#sessions.get(scope);
    if (session === undefined) {
      session = this.#newSession(open);
      this.#sessions.set(scope, session);
    }
    return session;
  }

  /** The same for answers, which need not be remembered. */
  answering(scope: number, open = false): Session {
    return this.#sessions.get(scope) ?? this.#newSession(open);
  }

  /** The function of this number; a promise while packages that it needs are loaded. @throws TypeError for one that was never sent */
  build(fn: number, open = false): Rebuilt | Promise<Rebuilt> {
    const entry = this.#entries.get(fn);
    if (entry === undefined) throw new TypeError(`function ${fn} was never sent to this worker`);
    if (entry.built !== undefined) return entry.built;
    const session = this.session(entry.scope, open);
    const frame = readFrame(entry.packet, entry.packet.message.frame);
    const decode = (): Rebuilt => {
      if (entry.stateful) return (...args) => (session.decode(frame) as Rebuilt)(...args);
      entry.built = session.decode(frame) as Rebuilt;
      return entry.built;
    };
    return frame.modules.length > 0 ? session.load(frame.modules).then(decode) : decode();
  }

  /** The call is over. */
  forget(scope: number): void {
    this.#sessions.delete(scope);
    for (const [fn, entry] of this.#entries) if (entry.scope === scope) this.#entries.delete(fn);
  }

  #newSession(open: boolean): Session {
    return new Session({ sharedMemory: this.#sharedMemory, role: 'worker', ...(open && { functions: true }) });
  }
}
