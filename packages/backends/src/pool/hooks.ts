import { type AnyFunction, CallScope } from '../call-scope.ts';
import { ProtocolError } from '../errors.ts';
import { bare, type HostMessage, type Packet, readFrame, type WorkerMessage } from './messages.ts';
import type { Seat } from './seat.ts';
import { define } from './ship.ts';

type Hooked = Packet<WorkerMessage & { type: 'hooked' }>;
type Settle = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void };

/** Functions that workers call for their effect on the worker: at its start, at its end, or in all of them. */
export class Hooks {
  readonly #scope: CallScope;
  readonly #waiting = new Map<number, Settle & { readonly seat: Seat }>();
  #last = 0;

  constructor(packages: 'reference' | 'ship' = 'reference') {
    this.#scope = new CallScope({ packages });
  }

  /** Has the worker call `fn` between tasks. Rejects with what it throws, or when the worker ends first. @throws UnserializableError */
  call(seat: Seat, fn: AnyFunction, trail: readonly string[]): Promise<unknown> {
    const defined = this.#scope.define(fn, trail);
    const packets: Packet<HostMessage>[] = [];
    define(defined, seat.known, packets);
    const id = ++this.#last;
    packets.push(bare({ type: 'hook', id, fn: defined.fn, scope: defined.scope }));
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, seat }));
    for (const packet of packets) seat.link.send(packet);
    return answer;
  }

  async hooked(packet: Hooked): Promise<void> {
    const { id, frame, failed } = packet.message;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return;
    const { session } = this.#scope;
    try {
      const read = readFrame(packet, frame);
      await session.load(read.modules);
      if (failed) waiting.reject(session.decodeFailure(read));
      else waiting.resolve(session.decode(read));
    } catch (error) {
      waiting.reject(error);
    }
  }

  /** The worker is gone: what it was to call is not called any more. */
  gone(seat: Seat, why: string): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.seat !== seat) continue;
      this.#waiting.delete(id);
      waiting.reject(new ProtocolError(`${seat.link.name} ${why} before the function came to its end`));
    }
  }
}
