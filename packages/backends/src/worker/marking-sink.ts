import { bare, type RunMessage } from '../pool/messages.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { NoResult, Sink } from './run-calls.ts';
import type { WorkerChannel } from './serve.ts';

/** The writer, saying as well how far tasks may have started. */
export class MarkingSink implements Sink {
  readonly #writer: OutcomeWriter;
  readonly #unit: number;
  readonly #channel: WorkerChannel;
  /** Each task's time runs from its mark, and what was done before it is safe by then. */
  readonly #exact: boolean;
  #known: number;

  constructor(writer: OutcomeWriter, { unit, from, window, settings }: RunMessage, channel: WorkerChannel) {
    this.#writer = writer;
    this.#unit = unit;
    this.#channel = channel;
    this.#exact = settings?.timeout !== undefined;
    this.#known = this.#exact ? from : from + window;
  }

  done(index: number, value: unknown): void {
    this.#writer.done(index, value);
  }

  failed(index: number, error: unknown): void {
    this.#writer.failed(index, error);
  }

  none(index: number, why: NoResult): void {
    this.#writer.none(index, why);
  }

  stretch(): void {
    this.#writer.stretch();
  }

  /** The mark must be with the caller even if the next call ends the process. */
  starting(_index: number, ahead: number): boolean {
    if (ahead > this.#known) {
      if (this.#exact) this.#writer.flush(false);
      this.#known = ahead;
      this.#channel.send(bare({ type: 'mark', unit: this.#unit, upTo: ahead }));
    }
    return this.#channel.flush();
  }

  /** The caller was told that nothing from `index` on has started. */
  told(index: number): void {
    this.#known = index;
  }
}
