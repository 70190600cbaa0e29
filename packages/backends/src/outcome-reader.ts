import type { Frame, JobloomError } from '@jobloom/codec';
import type { Outcome, Outcomes, Timing } from './backend.ts';
import type { CallScope } from './call-scope.ts';
import { notStarted, ProtocolError, timedOut } from './errors.ts';
import {
  type FrameRef,
  type Packet,
  readFrame,
  readNumbers,
  type Segment,
  type WorkerMessage,
} from './pool/messages.ts';

type OutcomesMessage = WorkerMessage & { type: 'outcomes' };

/** Of a batch, what its outcomes depend on. */
interface Shape {
  readonly length: number;
  readonly scope: CallScope;
  readonly firstIndex: number;
}

/** Puts the outcomes of one batch together as they arrive, in any pieces, from any workers. */
export class OutcomeReader {
  readonly #length: number;
  readonly #scope: CallScope;
  readonly #first: number;
  readonly #onOutcome: ((index: number, outcome: Outcome) => void) | undefined;
  readonly #pieces: {
    readonly from: number;
    readonly values: ArrayLike<unknown>;
    readonly ms: number;
    readonly worker: string;
  }[] = [];
  readonly #others = new Map<number, Outcome>();
  #known = 0;

  constructor({ length, scope, firstIndex }: Shape, onOutcome?: (index: number, outcome: Outcome) => void) {
    this.#length = length;
    this.#scope = scope;
    this.#first = firstIndex;
    this.#onOutcome = onOutcome;
  }

  get complete(): boolean {
    return this.#known >= this.#length;
  }

  /** Takes what a worker says. Returns the position after the last task that it covers. @throws when the message cannot be read */
  take(packet: Packet<OutcomesMessage>, worker: string): number {
    const { message } = packet;
    let count = 0;
    for (const segment of message.segments) count += countOf(segment, packet);
    if (message.from < 0 || message.from + count > this.#length)
      throw new ProtocolError(`outcomes of ${message.from} to ${message.from + count} for a batch of ${this.#length}`);
    const timing = { ms: count === 0 ? 0 : message.ms / count };
    let at = message.from;
    for (const segment of message.segments) at += this.#segment(segment, packet, at, timing, worker);
    return at;
  }

  /** The same outcome for each task of a range, made anew for each. */
  fill(
    from: number,
    to: number,
    make: (index: number) => JobloomError,
    status: 'lost' | 'timeout' | 'cancelled' | 'notStarted',
    worker: string,
  ): void {
    for (let index = from; index < to; index += 1)
      this.set(index, { status, error: make(index), timing: { ms: 0 }, worker });
  }

  /** Tasks that never left, each with the error that says why. */
  refuse(refused: ReadonlyMap<number, unknown>): void {
    for (const [index, error] of refused) this.set(index, { status: 'failed', error, timing: { ms: 0 }, worker: '' });
  }

  set(index: number, outcome: Outcome): void {
    if (this.#others.has(index)) return; // the first stands: what was refused cannot be lost as well
    this.#known += 1;
    this.#others.set(index, outcome);
    if (!this.complete) this.#onOutcome?.(index, outcome);
  }

  /** The outcome of this task is known. */
  has(index: number): boolean {
    if (this.#others.has(index)) return true;
    return this.#pieces.some(({ from, values }) => index >= from && index < from + values.length);
  }

  /** All of them, once complete. */
  outcomes(): Outcomes {
    const [first] = this.#pieces;
    if (this.#others.size === 0 && first !== undefined) {
      const ms = this.#pieces.reduce((sum, piece) => sum + piece.ms * piece.values.length, 0) / this.#length;
      return {
        all: 'done',
        values: this.#pieces.length === 1 ? first.values : this.#joined(),
        timing: { ms },
        worker: first.worker,
      };
    }
    const each = new Array<Outcome>(this.#length);
    for (const { from, values, ms, worker } of this.#pieces) {
      const timing = { ms };
      for (let at = 0; at < values.length; at += 1)
        each[from + at] = { status: 'done', value: values[at], timing, worker };
    }
    for (const [index, outcome] of this.#others) each[index] = outcome;
    return { all: 'mixed', each };
  }

  #joined(): unknown[] {
    const values = new Array<unknown>(this.#length);
    for (const piece of this.#pieces)
      for (let at = 0; at < piece.values.length; at += 1) values[piece.from + at] = piece.values[at];
    return values;
  }

  #segment(segment: Segment, packet: Packet<unknown>, at: number, timing: Timing, worker: string): number {
    switch (segment.kind) {
      case 'few':
        return this.values(at, segment.numbers, timing, worker);
      case 'numbers':
        return this.values(at, readNumbers(packet, segment.part), timing, worker);
      case 'values': {
        let values: unknown[];
        try {
          values = this.#scope.session.decode(this.#frame(packet, segment.frame)) as unknown[];
        } catch (error) {
          for (let index = at; index < at + segment.count; index += 1)
            this.set(index, { status: 'failed', error, timing, worker });
          return segment.count;
        }
        if (!Array.isArray(values) || values.length !== segment.count)
          throw new ProtocolError(`${segment.count} results were promised, something else came`);
        return this.values(at, values, timing, worker);
      }
      case 'failed': {
        let error: unknown;
        try {
          error = this.#scope.session.decodeFailure(this.#frame(packet, segment.frame));
        } catch (reason) {
          error = reason;
        }
        for (let index = at; index < at + segment.count; index += 1)
          this.set(index, { status: 'failed', error, timing, worker });
        return segment.count;
      }
      case 'none':
        if (segment.why === 'cancelled') this.fill(at, at + segment.count, notStarted, 'cancelled', worker);
        if (segment.why === 'timeout')
          this.fill(at, at + segment.count, timedOut(this.#first, this.#scope.settings?.timeout), 'timeout', worker);
        return segment.count;
    }
  }

  /** A frame, of which the code of functions is taken where the call allows it. */
  #frame(packet: Packet<unknown>, reference: FrameRef): Frame {
    const { codes, texts } = reference;
    if (texts !== undefined && this.#scope.settings?.functionResults)
      for (const [at, hash] of codes.entries()) this.#scope.session.addCode(hash, texts[at] ?? '');
    if (reference.modules.length > 0) this.#scope.session.loadNow(reference.modules); // pools have loaded them before
    return readFrame(packet, reference);
  }

  /** Results of consecutive tasks. Returns how many. */
  values(from: number, values: ArrayLike<unknown>, timing: Timing, worker: string): number {
    this.#pieces.push({ from, values, ms: timing.ms, worker });
    this.#known += values.length;
    if (this.#onOutcome !== undefined && !this.complete) {
      for (let at = 0; at < values.length; at += 1)
        this.#onOutcome(from + at, { status: 'done', value: values[at], timing, worker });
    }
    return values.length;
  }
}

/** Tasks that a segment is of. */
export function countOf(segment: Segment, packet: Packet<unknown>): number {
  if (segment.kind === 'few') return segment.numbers.length;
  return segment.kind === 'numbers' ? readNumbers(packet, segment.part).length : segment.count;
}
