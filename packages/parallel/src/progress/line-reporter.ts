import type { ProgressEvent } from './progress-event.ts';
import { progressLine } from './progress-text.ts';
import { nextLineAt } from './verbosity.ts';

/** No more than ten lines a second. */
const GAP_MS = 100;

/** Says a call's progress in lines, at the pace of its level. Lines that come too fast are left out; the last never is. */
export class LineReporter {
  readonly #verbose: number;
  readonly #write: (line: string) => void;
  #due = 1;
  #saidAt = Number.NEGATIVE_INFINITY;
  #saidDone: number | undefined;

  constructor(verbose: number, write: (line: string) => void) {
    this.#verbose = verbose;
    this.#write = write;
  }

  tell(event: ProgressEvent): void {
    const { done, total, elapsedMs } = event;
    if (done < this.#due || done === total || elapsedMs - this.#saidAt < GAP_MS) return;
    this.#due = nextLineAt(done, this.#verbose);
    this.#saidAt = elapsedMs;
    this.#say(event);
  }

  end(event: ProgressEvent): void {
    if (this.#saidDone !== event.done || event.done === event.total) this.#say(event);
  }

  #say(event: ProgressEvent): void {
    this.#saidDone = event.done;
    this.#write(progressLine(event));
  }
}
