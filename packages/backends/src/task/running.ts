import type { CurrentTask } from './current-task.ts';
import { seedOf, type TaskSettings } from './settings.ts';

export type ConsoleStream = 'stdout' | 'stderr';

/** A line that a task printed, without its line break. */
export interface ConsoleLine {
  readonly stream: ConsoleStream;
  readonly text: string;
}

export interface RunningOptions {
  readonly settings: TaskSettings | undefined;
  /** Index in the input of position 0. */
  readonly first: number;
  readonly attempt: number;
  readonly worker: CurrentTask['worker'];
  /** Its second number follows the position of the task that runs. */
  readonly place: ArrayLike<number>;
  readonly onLine?: ((position: number, line: ConsoleLine) => void) | undefined;
}

interface Made {
  readonly position: number;
  readonly task: CurrentTask;
  readonly abort: (reason: unknown) => void;
}

let unseeded: number | undefined;

/** Tasks that run one after the other, seen from inside: which is on, its signal, what it prints. */
export class Running {
  active = true;
  readonly settings: TaskSettings | undefined;
  readonly #options: RunningOptions;
  #task: Made | undefined;
  #aborted: { readonly position: number; readonly reason: unknown } | undefined;
  readonly #partial: Record<ConsoleStream, string> = { stdout: '', stderr: '' };
  #printed = -1;

  constructor(options: RunningOptions) {
    this.#options = options;
    this.settings = options.settings;
  }

  get position(): number {
    return this.#options.place[1] as number;
  }

  /** The same object for as long as the same task is on. */
  get task(): CurrentTask {
    const { position } = this;
    if (this.#task?.position !== position) this.#task = this.#make(position);
    return this.#task.task;
  }

  /** Aborts the signal of the task that is on. */
  abort(reason: unknown): void {
    const { position } = this;
    this.#aborted ??= { position, reason };
    if (this.#task?.position === position) this.#task.abort(reason);
  }

  get capturesConsole(): boolean {
    return this.#options.onLine !== undefined;
  }

  /** Takes what a task prints; whole lines go on. */
  print(stream: ConsoleStream, text: string): void {
    const { position } = this;
    if (this.#printed !== position) this.#flush();
    this.#printed = position;
    const lines = (this.#partial[stream] + text).split('\n');
    this.#partial[stream] = lines.pop() as string;
    for (const line of lines) this.#options.onLine?.(position, { stream, text: line });
  }

  /** Nothing runs any more. */
  end(): void {
    this.#flush();
    this.active = false;
  }

  #flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#partial[stream];
      this.#partial[stream] = '';
      if (text !== '') this.#options.onLine?.(this.#printed, { stream, text });
    }
  }

  #make(position: number): Made {
    const { first, attempt, settings } = this.#options;
    const { id, slot, resources } = this.#options.worker;
    const aborted = this.#aborted?.position === position ? this.#aborted : undefined;
    const index = first + position;
    let controller: AbortController | undefined;
    let reason = aborted;
    const task: CurrentTask = {
      index,
      attempt,
      worker: { id, slot, ...(resources && { resources }) },
      get seed() {
        unseeded ??= Math.floor(Math.random() * 2 ** 32);
        return seedOf(settings?.seed ?? unseeded, index);
      },
      get signal() {
        controller ??= new AbortController();
        if (reason !== undefined && !controller.signal.aborted) controller.abort(reason.reason);
        return controller.signal;
      },
    };
    const abort = (why: unknown): void => {
      reason ??= { position, reason: why };
      controller?.abort(why);
    };
    return { position, task, abort };
  }
}
