import { type Frame, Session } from '@jobloom/codec';
import { Arrivals } from '../bulk/arrivals.ts';
import type { Outbox } from '../bulk/outbox.ts';
import type { FrameRef, HostMessage, Packet } from '../pool/messages.ts';
import { readFrame } from '../pool/messages.ts';
import type { Guard } from '../task/check-writes.ts';
import type { Parcels } from './parcels.ts';

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
  /** Large buffers that came. */
  readonly arrivals: Arrivals = new Arrivals();
  readonly #sharedMemory: boolean;
  readonly #outbox: Outbox;
  readonly #parcels: Parcels;
  readonly #sessions = new Map<number, Session>();
  readonly #entries = new Map<number, Entry>();

  constructor(sharedMemory: boolean, outbox: Outbox, parcels: Parcels) {
    this.#parcels = parcels;
    this.#sharedMemory = sharedMemory;
    this.#outbox = outbox;
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
  build(fn: number, open = false, guard?: Guard): Rebuilt | Promise<Rebuilt> {
    const entry = this.#entries.get(fn);
    if (entry === undefined) throw new TypeError(`function ${fn} was never sent to this worker`);
    if (entry.built !== undefined) return guarded(entry.built, guard);
    const session = this.session(entry.scope, open);
    const frame = this.read(entry.packet, entry.packet.message.frame, entry.scope);
    const decode = (): Rebuilt => {
      if (entry.stateful) return (...args) => guarded(session.decode(frame) as Rebuilt, guard)(...args);
      entry.built = session.decode(frame) as Rebuilt;
      return guarded(entry.built, guard);
    };
    return frame.modules.length > 0 ? session.load(frame.modules).then(decode) : decode();
  }

  /** A frame with all of its buffers, also those that did not come in the packet. */
  read(packet: Packet<unknown>, ref: FrameRef, scope: number, again?: boolean): Frame {
    const frame = readFrame(packet, ref);
    return ref.held === undefined ? frame : this.arrivals.complete(frame, ref.held, packet, scope, again);
  }

  /** The call is over. */
  forget(scope: number): void {
    this.arrivals.forget(scope);
    this.#sessions.delete(scope);
    for (const [fn, entry] of this.#entries) if (entry.scope === scope) this.#entries.delete(fn);
  }

  #newSession(open: boolean): Session {
    return new Session({
      sharedMemory: this.#sharedMemory,
      role: 'worker',
      borrow: this.#outbox.borrow,
      parcel: this.#parcels.get,
      ...(open && { functions: true }),
    });
  }
}

function guarded(fn: Rebuilt, guard: Guard | undefined): Rebuilt {
  return guard === undefined ? fn : (...args) => guard(fn, args);
}
