import type { Sink } from '../sink.ts';
import type { Tally } from '../sinks.ts';
import { callEnd, callStart } from './channels.ts';
import { LineReporter } from './line-reporter.ts';
import { Meter } from './meter.ts';
import type { ProgressEvent } from './progress-event.ts';
import { terminal } from './terminal.ts';
import { streamAt } from './verbosity.ts';

/** A call that may be watched. */
export interface WatchedCall {
  readonly callId: string;
  readonly backend: string;
  /** Tasks in all, where the input says. */
  readonly total: number | undefined;
  readonly onProgress: ((event: ProgressEvent) => void) | undefined;
  readonly verbose: number;
  /** Tasks that may run at once now. */
  readonly workers: () => number;
  /** Tasks taken from the input so far. */
  readonly taken: () => number;
  /** The call took all that it was to take: what was taken is the total. */
  readonly complete: () => boolean;
  /** Why it was stopped, where it was. */
  readonly reason: () => { readonly error: unknown } | undefined;
  /** Ends the call: a listener threw. */
  readonly fail: (error: unknown) => void;
}

/** Watches a call for whoever wants to know; undefined where nobody does. */
export function watchCall(call: WatchedCall): CallWatch | undefined {
  const { onProgress, verbose } = call;
  if (onProgress === undefined && verbose <= 0 && !callStart.hasSubscribers && !callEnd.hasSubscribers)
    return undefined;
  return new CallWatch(call);
}

/** Counts the outcomes of one call and tells the listener, the terminal or the log, and the channels. */
export class CallWatch {
  readonly #call: WatchedCall;
  readonly #meter = new Meter();
  readonly #start = performance.now();
  readonly #lines: LineReporter | undefined;
  readonly #hide: (() => void) | undefined;
  #total: number | undefined;
  /** The listener has heard that all is done. */
  #toldAll = false;
  #threw = false;

  constructor(call: WatchedCall) {
    this.#call = call;
    const { callId, backend, total, verbose, workers } = call;
    this.#total = total;
    if (verbose > 0) {
      const to = streamAt(verbose);
      this.#lines = new LineReporter(verbose, (line) => terminal.line(line, process[to]));
      if (to === 'stderr' && terminal.able) this.#hide = terminal.show(() => this.#event());
    }
    if (callStart.hasSubscribers) callStart.publish({ callId, backend, nJobs: workers(), total });
  }

  /** Outcomes have come. */
  readonly tally: Tally = (done, failed) => {
    this.#meter.add(done, failed, this.#elapsed());
    this.#tell();
  };

  /** The sink of the call, with the end of the watch before its own. */
  around(sink: Sink): Sink {
    return {
      many: (first, values) => sink.many(first, values),
      one: (index, settled, failed) => sink.one(index, settled, failed),
      room: () => sink.room(),
      end: (total, failure) => sink.end(total, this.#end(failure)),
    };
  }

  /** What the call ends with. */
  #end(failure: { readonly error: unknown } | undefined): { readonly error: unknown } | undefined {
    const { callId, backend, complete, taken } = this.#call;
    let error = failure;
    if (error === undefined && complete()) {
      this.#total = taken();
      if (!this.#toldAll && !this.#threw) error = this.#hear(this.#event());
    }
    this.#hide?.();
    const event = this.#event();
    this.#lines?.end(event);
    const { done, failed, elapsedMs } = event;
    if (callEnd.hasSubscribers)
      callEnd.publish({ callId, backend, done, failed, elapsedMs, ...(error ?? this.#call.reason()) });
    return error;
  }

  #tell(): void {
    const { onProgress, fail } = this.#call;
    if (onProgress === undefined && this.#lines === undefined) return;
    const event = this.#event();
    const problem = this.#threw ? undefined : this.#hear(event);
    if (problem !== undefined) fail(problem.error);
    // A terminal has its bar; lines come beside it where every task has one.
    if (this.#hide === undefined || this.#call.verbose > 10) this.#lines?.tell(event);
  }

  /** A listener of the user's that throws fails the call, and nothing else; it is not called again. */
  #hear(event: ProgressEvent): { readonly error: unknown } | undefined {
    this.#toldAll = event.done === event.total;
    try {
      this.#call.onProgress?.(event);
      return undefined;
    } catch (error) {
      this.#threw = true;
      return { error };
    }
  }

  #event(): ProgressEvent {
    const { taken, workers } = this.#call;
    return this.#meter.event({ taken: taken(), total: this.#total, workers: workers() }, this.#elapsed());
  }

  #elapsed(): number {
    return performance.now() - this.#start;
  }
}
