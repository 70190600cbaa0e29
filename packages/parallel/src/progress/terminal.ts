import { styleText } from 'node:util';
import type ProgressBar from 'progress';
import type { ProgressEvent } from './progress-event.ts';
import { barText, together } from './progress-text.ts';

const FRAME_MS = 100;
const BAR_WIDTH = 30;

/** A stream that may be a terminal. */
export type Screen = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly hasColors?: (env?: object) => boolean;
};

/**
 * The bar at the bottom of a terminal: one for all calls that are under way, with lines above it. The cursor is
 * never hidden and no signal is caught, so that nothing is left to be put right when the program is ended.
 */
export class Terminal {
  readonly #screen: Screen;
  readonly #calls = new Set<() => ProgressEvent>();
  #bar: ProgressBar | undefined;
  #frames: NodeJS.Timeout | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Whether a bar can be drawn here. */
  get able(): boolean {
    return this.#screen.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** Shows a call from the next frame on, until the function it gives is called. */
  show(now: () => ProgressEvent): () => void {
    this.#calls.add(now);
    // Neither frames nor the bar keep a program alive.
    this.#frames ??= setInterval(() => void this.#frame(), FRAME_MS).unref();
    return () => {
      if (!this.#calls.delete(now) || this.#calls.size > 0) return;
      clearInterval(this.#frames);
      this.#frames = undefined;
      this.#erase();
    };
  }

  /** Writes a line, above the bar where there is one. */
  line(text: string, to: Screen = this.#screen): void {
    const bar = this.#bar;
    if (bar === undefined || to.isTTY !== true) {
      to.write(`${text}\n`);
    } else if (to === this.#screen) {
      bar.interrupt(text);
    } else {
      this.#erase();
      to.write(`${text}\n`);
      this.#draw();
    }
  }

  async #frame(): Promise<void> {
    if (this.#bar === undefined) {
      await library();
      if (this.#calls.size === 0) return;
    }
    this.#draw();
  }

  #draw(): void {
    const Bar = loaded;
    if (Bar === undefined) return;
    const all = together(Array.from(this.#calls, (now) => now()));
    const { done, total } = all;
    if (this.#bar === undefined) {
      this.#bar = new Bar('', {
        stream: this.#screen,
        total: 1,
        width: BAR_WIDTH,
        complete: '█',
        incomplete: '░',
        clear: true,
        renderThrottle: 1,
      });
      process.once('exit', this.#erase);
    }
    const bar = this.#bar as ProgressBar & { fmt: string; width: number };
    const { text, failures } = barText(all);
    const label = this.#calls.size > 1 ? `${this.#calls.size} calls: ` : '';
    // The last column stays free: a cursor beyond it is a thing that terminals do not agree on.
    const room = (this.#screen.columns ?? 80) - 1;
    const tail = failures === '' ? '' : `, ${failures}`;
    const plain = `${label}${text}`.slice(0, Math.max(0, room - tail.length));
    const width = Math.min(BAR_WIDTH, room - plain.length - tail.length - 1);
    bar.total = Math.max(1, total ?? 1);
    bar.curr = total === 0 ? 1 : done;
    bar.width = Math.max(0, width);
    bar.fmt = `${total === undefined || width < 1 ? '' : ':bar '}${plain}${tail && `, ${this.#red(failures)}`}`;
    bar.render(undefined, true);
  }

  /** In red, unless NO_COLOR or the terminal say no. */
  #red(text: string): string {
    return this.#screen.hasColors?.() === true ? styleText('red', text, { validateStream: false }) : text;
  }

  readonly #erase = (): void => {
    process.off('exit', this.#erase);
    this.#bar?.terminate();
    this.#bar = undefined;
  };
}

let loaded: typeof ProgressBar | undefined;

async function library(): Promise<void> {
  loaded ??= (await import('progress')).default;
}

/** Where people look: one bar for all calls of this process. */
export const terminal: Terminal = new Terminal(process.stderr);
