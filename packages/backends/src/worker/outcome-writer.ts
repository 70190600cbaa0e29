import { performance } from 'node:perf_hooks';
import type { Frame, Session } from '@jobloom/codec';
import type { Outbox } from '../bulk/outbox.ts';
import {
  bytesOf,
  type FrameRef,
  fewNumbers,
  type Packet,
  PartsWriter,
  type RunMessage,
  type Segment,
  type WorkerMessage,
} from '../pool/messages.ts';
import type { NoResult, Sink } from './run-calls.ts';

type Entry = { readonly failed: boolean; readonly value: unknown } | NoResult;

/**
 * Collects outcomes and writes them as segments: numbers packed, other values in one frame,
 * each failure in its own. A value that cannot travel becomes a failure of its task alone.
 */
export class OutcomeWriter implements Sink {
  readonly #unit: number;
  readonly #session: () => Session;
  readonly #outbox: Outbox;
  readonly #send: (packet: Packet<WorkerMessage>) => void;
  #from: number;
  #values: unknown[] = [];
  /** Entries other than plain values, by position in `#values`. */
  #special: Map<number, Entry> | undefined;
  #since = performance.now();
  /** What the tasks took, each for itself, where they overlap. */
  #tookMs: number | undefined;
  #failures = 0;
  readonly #first: number;

  constructor(run: RunMessage, session: () => Session, outbox: Outbox, send: (packet: Packet<WorkerMessage>) => void) {
    this.#outbox = outbox;
    this.#unit = run.unit;
    this.#from = run.from;
    this.#first = run.first;
    this.#session = session;
    this.#send = send;
  }

  /** What is left to send is more than a few numbers, of a unit that took its time. */
  get isBulky(): boolean {
    return typeof this.#values[0] === 'object' && performance.now() - this.#since > 1;
  }

  /** The tasks' time starts now: before, they waited for those of another unit, or for what many of them take. */
  begin(): void {
    this.#since = performance.now();
  }

  /** The next outcome is of this position, whichever came before, and its task took so long. */
  apart(index: number, ms: number): void {
    if (index !== this.#from + this.#values.length) {
      this.flush(false);
      this.#from = index;
    }
    this.#tookMs = (this.#tookMs ?? 0) + ms;
  }

  done(_index: number, value: unknown): void {
    this.#values.push(value);
  }

  failed(_index: number, error: unknown): void {
    this.#mark({ failed: true, value: error });
    if (this.#failures++ === 0) this.flush(false); // the first is heard of at once
  }

  none(_index: number, why: NoResult): void {
    this.#mark(why);
  }

  stretch(): void {
    this.flush(false);
  }

  /** Nothing of the unit ran, all for the same reason; ends the unit. */
  failAll(error: unknown, count: number): void {
    const writer = new PartsWriter();
    const segment = { ...this.#failure(error, this.#from, writer), count };
    this.#send(
      writer.packet({ type: 'outcomes', unit: this.#unit, from: this.#from, segments: [segment], ms: 0, end: true }),
    );
  }

  /** Sends what there is; `end` says that it is the last of the unit. */
  flush(end: boolean): void {
    if (this.#values.length === 0 && !end) return;
    const now = performance.now();
    const from = this.#from;
    const values = this.#values;
    const special = this.#special;
    this.#from += values.length;
    this.#values = [];
    this.#special = undefined;
    const writer = new PartsWriter();
    const segments: Segment[] = [];
    if (special === undefined) this.#writeValues(values, from, segments, writer);
    else this.#writeMixed(values, special, from, segments, writer);
    const ms = this.#tookMs ?? now - this.#since;
    if (this.#tookMs !== undefined) this.#tookMs = 0;
    this.#since = now;
    this.#send(writer.packet({ type: 'outcomes', unit: this.#unit, from, segments, ms, end }));
  }

  #mark(entry: Entry): void {
    this.#special ??= new Map();
    this.#special.set(this.#values.push(undefined) - 1, entry);
  }

  #writeMixed(
    values: unknown[],
    special: Map<number, Entry>,
    from: number,
    segments: Segment[],
    writer: PartsWriter,
  ): void {
    let start = 0;
    for (const [at, entry] of special) {
      this.#writeValues(values.slice(start, at), from + start, segments, writer);
      start = at + 1;
      const last = segments.at(-1);
      if (typeof entry === 'object') segments.push(this.#failure(entry.value, from + at, writer));
      else if (last?.kind === 'none' && last.why === entry)
        segments[segments.length - 1] = { ...last, count: last.count + 1 };
      else segments.push({ kind: 'none', count: 1, why: entry });
    }
    this.#writeValues(values.slice(start), from + start, segments, writer);
  }

  #writeValues(values: unknown[], from: number, segments: Segment[], writer: PartsWriter): void {
    if (values.length === 0) return;
    const few = fewNumbers(values);
    if (few !== undefined) {
      segments.push({ kind: 'few', numbers: few });
      return;
    }
    const numbers = packNumbers(values);
    if (numbers !== undefined) {
      segments.push({ kind: 'numbers', part: writer.add(bytesOf(numbers)) });
      return;
    }
    let frame: FrameRef;
    try {
      frame = this.#reference(this.#session().encode(values, ['results']), writer);
    } catch (error) {
      if (values.length === 1) segments.push(this.#failure(this.#refusal(values[0], from, error), from, writer));
      else for (const [at, value] of values.entries()) this.#writeValues([value], from + at, segments, writer);
      return;
    }
    segments.push({ kind: 'values', count: values.length, frame });
  }

  /** The frame, with the code of functions that tasks made. */
  #reference(frame: Frame, writer: PartsWriter): FrameRef {
    const reference = writer.addFrame(this.#outbox.settle(frame));
    if (frame.codes.length === 0) return reference;
    return { ...reference, texts: frame.codes.map((hash) => this.#session().code(hash)) };
  }

  /** The same refusal with a trail that starts at the task. */
  #refusal(value: unknown, index: number, fallback: unknown): unknown {
    try {
      this.#session().encode(value, [`task ${this.#first + index}`, 'result']);
      return fallback;
    } catch (error) {
      return error;
    }
  }

  #failure(error: unknown, index: number, writer: PartsWriter): Segment & { kind: 'failed' } {
    return {
      kind: 'failed',
      count: 1,
      frame: this.#reference(this.#session().encodeFailure(error, [`task ${this.#first + index}`, 'error']), writer),
    };
  }
}

/** All numbers: as doubles, which hold -0, NaN and every JavaScript number. */
export function packNumbers(values: readonly unknown[]): Float64Array<ArrayBuffer> | undefined {
  for (let at = 0; at < values.length; at += 1) if (typeof values[at] !== 'number') return undefined;
  const doubles = new Float64Array(values.length); // a loop, as Float64Array.from takes ten times as long
  for (let at = 0; at < values.length; at += 1) doubles[at] = values[at] as number;
  return doubles;
}
