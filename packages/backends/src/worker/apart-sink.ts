import type { SideBySide } from '../task/side-by-side.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { NoResult, Sink } from './run-calls.ts';

/** Outcomes of tasks that overlap: in any order, each with the time that its own task took. */
export class ApartSink implements Sink {
  readonly #sink: Sink;
  readonly #writer: OutcomeWriter;
  readonly #tasks: SideBySide;

  /** @param sink the writer, or what hears of outcomes before it */
  constructor(sink: Sink, writer: OutcomeWriter, tasks: SideBySide) {
    this.#sink = sink;
    this.#writer = writer;
    this.#tasks = tasks;
  }

  done(index: number, value: unknown): void {
    this.#writer.apart(index, this.#tasks.end(index));
    this.#sink.done(index, value);
  }

  failed(index: number, error: unknown): void {
    this.#writer.apart(index, this.#tasks.end(index));
    this.#sink.failed(index, error);
  }

  none(index: number, why: NoResult): void {
    this.#writer.apart(index, this.#tasks.end(index));
    this.#sink.none(index, why);
  }

  starting(index: number, ahead: number): boolean {
    return this.#sink.starting?.(index, ahead) !== false;
  }

  stretch(): void {
    this.#sink.stretch?.();
  }
}
