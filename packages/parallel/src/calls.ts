import {
  type Backend,
  BackendUnusableError,
  CallScope,
  ClosedError,
  type ConsoleLine,
  GRACE_MS,
  type OpenBackend,
} from '@jobloom/backends';
import { largeFrom } from './bytes.ts';
import { consoleTeller } from './captured-console.ts';
import type { Scope } from './context.ts';
import { afterMs, DeadlineError, deadlineOf } from './deadline.ts';
import { Dispatch } from './dispatch.ts';
import type { OnFailure } from './failure.ts';
import { readAhead } from './options.ts';
import { watchCall } from './progress/call-watch.ts';
import type { Sink } from './sink.ts';
import type { Tally } from './sinks.ts';
import type { Source } from './source.ts';
import { Stats } from './stats.ts';
import { overlapOf, settingsOf } from './task-settings.ts';
import { contextsNow } from './travelling-context.ts';

/** What a call knows when its sink is made. */
export interface CallPlan {
  /** Tasks that may be under way at once. */
  readonly atOnce: number;
  /** Bound in tasks on what is read ahead; undefined where batches bound it. */
  readonly readAhead: number | undefined;
  /** Counts outcomes, for progress. */
  readonly tally: Tally;
  /** Tasks taken from the input so far. */
  readonly taken: () => number;
}

export interface CallParts {
  readonly source: Source;
  readonly sink: (plan: CallPlan) => Sink;
  /** Ends the call for its caller: the signal was aborted, or it could not begin. */
  readonly fail: (error: unknown) => void;
  /** The dispatch, once there is one: to stop it, or tell it of room. */
  readonly onStart?: (dispatch: Dispatch) => void;
  /** Calls under one name share their nJobs. */
  readonly callId?: string;
  /** It begins apart from where its tasks were given: the stack says nothing. */
  readonly apart?: boolean;
  /** Failures keep their place, whatever the options say. */
  readonly settles?: boolean;
}

/** What a call takes from the moment and the place where it was made. */
interface Origin {
  readonly caller: { readonly stack?: string } | undefined;
  readonly around: ((call: () => unknown) => unknown) | undefined;
  /** When it must be over, in milliseconds since 1970. */
  readonly deadline: number | undefined;
}

interface Ready {
  readonly backend: Backend;
  readonly nJobs: number;
}

let lastCall = 0;

/** A name for a call, unique in this process. */
export function newCallId(): string {
  lastCall += 1;
  return `call-${lastCall}`;
}

/** The calls of one runner: each gets the backend, a scope for what it captures, and a dispatch. */
export class Calls {
  #options: Scope;
  readonly #open: () => Promise<Backend>;
  readonly #live = new Set<Dispatch>();
  readonly stats: Stats = new Stats();
  #ready: Ready | undefined;
  #unfinished = 0;
  #unfollow: (() => void) | undefined;
  #closed = false;
  #stopped = false;
  #whenFinished: (() => void)[] = [];
  /** Left by a call that was not aborted. */
  #abort: AbortController | undefined;

  constructor(options: Scope, open: () => Promise<Backend>) {
    this.#options = options;
    this.#open = open;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Starts a call; at once when the backend is open already. @throws ClosedError, or the reason of a signal that is aborted */
  begin(parts: CallParts): void {
    if (this.#closed) throw new ClosedError('this Parallel');
    this.#options.signal?.throwIfAborted();
    this.#unfinished += 1;
    const origin: Origin = {
      caller: parts.apart ? undefined : new Error(),
      around: contextsNow(),
      deadline: deadlineOf(this.#options.deadline),
    };
    if (this.#ready !== undefined) {
      this.#start(parts, this.#ready, origin);
      return;
    }
    this.#prepare()
      .then((ready) => this.#start(parts, ready, origin))
      .catch((error: unknown) => this.#fail(parts, error));
  }

  /** The backend, once it is open. */
  async backend(): Promise<Backend> {
    if (this.#closed) throw new ClosedError('this Parallel');
    return (this.#ready ?? (await this.#prepare())).backend;
  }

  /** From now on so many tasks at once, in calls that are under way too. */
  async resize(nJobs: number): Promise<void> {
    this.#options = { ...this.#options, nJobs };
    if (this.#ready === undefined) return;
    const now = this.#ready.backend.effectiveNJobs(nJobs);
    this.#resized(typeof now === 'number' ? now : await now);
  }

  #resized(nJobs: number): void {
    if (this.#ready === undefined || this.#ready.nJobs === nJobs) return;
    this.#ready = { ...this.#ready, nJobs };
    for (const dispatch of this.#live) dispatch.resize(nJobs);
  }

  /** Takes no more calls; stops those there are unless they are to be drained. Resolves when nothing is left of them. */
  async close(drain: boolean): Promise<void> {
    this.#closed = true;
    if (!drain) {
      this.#stopped = true;
      for (const dispatch of [...this.#live]) dispatch.stop(new ClosedError('this Parallel'));
    }
    if (this.#unfinished > 0) await new Promise<void>((resolve) => this.#whenFinished.push(resolve));
  }

  async #prepare(): Promise<Ready> {
    const backend = await this.#open();
    const nJobs = await backend.effectiveNJobs(this.#options.nJobs ?? -1);
    if (!Number.isInteger(nJobs) || nJobs < 1 || typeof backend.capabilities !== 'object') {
      throw new BackendUnusableError(
        `the ${backend.name} backend must declare capabilities and an effectiveNJobs of 1 or more. Got ${String(nJobs)} jobs.`,
      );
    }
    this.#ready = { backend, nJobs };
    return this.#ready;
  }

  /** While there are calls, a backend that grows or shrinks changes how many tasks run at once. */
  #follow(backend: Backend): void {
    if (this.#live.size > 0 || backend.onCapacity === undefined) return;
    const resize = (): void => {
      try {
        const now = backend.effectiveNJobs(this.#options.nJobs ?? -1);
        if (typeof now === 'number') this.#resized(now);
        else now.then((nJobs) => this.#resized(nJobs)).catch(() => undefined); // as below
      } catch {
        // what is wrong shows at the next batch
      }
    };
    this.#unfollow = backend.onCapacity(resize);
    resize(); // it may have changed since the last call
  }

  #start(parts: CallParts, { backend, nJobs }: Ready, { caller, around, deadline }: Origin): void {
    if (this.#stopped) return this.#fail(parts, new ClosedError('this Parallel'));
    if (this.#options.signal?.aborted) return this.#fail(parts, this.#options.signal.reason);
    const { signal, batchSize = 'auto', onProgress, verbose = 0, preDispatch } = this.#options;
    const { retries = 0, backoff = 0, retryIf, idempotent = false, graceMs = GRACE_MS } = this.#options;
    const { source, fail, settles = false } = parts;
    const onFailure: OnFailure = this.#options.onFailure ?? 'throw';
    const total = source.remaining;
    const perWorker = overlapOf(this.#options);
    const atOnce = nJobs * perWorker;
    const bound = readAhead(preDispatch, atOnce);
    let dispatch: Dispatch | undefined;
    const cancel = (): void => fail(signal?.reason);
    const callId = parts.callId ?? newCallId();
    const taken = (): number => dispatch?.taken ?? 0;
    const watch = watchCall({
      callId,
      backend: backend.name,
      total,
      onProgress,
      verbose,
      workers: () => this.#ready?.nJobs ?? nJobs,
      taken,
      complete: () => dispatch?.complete ?? false,
      reason: () => dispatch?.reason,
      fail,
    });
    const own = parts.sink({ atOnce, readAhead: bound, tally: watch?.tally ?? silent, taken });
    const sink = watch?.around(own) ?? own;
    const settings = settingsOf(this.#options, deadline);
    const scope = new CallScope({
      sharedMemory: backend.capabilities.sharedMemory,
      remote: backend.capabilities.remote,
      functionResults: this.#options.allowFunctionResults ?? false,
      packages: this.#options.packages ?? 'reference',
      maxNbytes: backend.capabilities.isolated ? largeFrom(this.#options.maxNbytes) : undefined,
      ...(settings && { settings }),
      ...(around && { around }),
    });
    const late = (): void => fail(new DeadlineError(this.#options.deadline));
    const clock = deadline === undefined ? undefined : afterMs(deadline - Date.now(), late);
    const { captureConsole } = this.#options;
    const onConsole: ((index: number, line: ConsoleLine) => void) | undefined = captureConsole
      ? consoleTeller(captureConsole, fail)
      : undefined;
    const abort = this.#abort ?? new AbortController();
    this.#abort = undefined;
    const maxBatch = bound === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(bound / (2 * atOnce)));
    const onDrained = (): void => {
      scope.end();
      clearTimeout(clock);
      signal?.removeEventListener('abort', cancel);
      if (!abort.signal.aborted) this.#abort = abort;
      if (dispatch !== undefined) this.#live.delete(dispatch);
      if (this.#live.size === 0) this.#unfollow?.();
      this.#finished();
    };
    dispatch = new Dispatch(source, sink, {
      backend,
      nJobs,
      perWorker,
      batchSize,
      retry: { retries, backoff, retryIf, idempotent },
      onFailure: settles && onFailure === 'settle' ? 'throw' : onFailure,
      graceMs,
      onConsole,
      stats: this.stats,
      caller,
      maxBatch,
      scope,
      callId,
      abort,
      onDrained,
    });
    this.#follow(backend);
    this.#live.add(dispatch);
    signal?.addEventListener('abort', cancel, { once: true });
    parts.onStart?.(dispatch);
    dispatch.pump();
  }

  #fail({ source, fail }: CallParts, error: unknown): void {
    source.close();
    fail(error);
    this.#finished();
  }

  #finished(): void {
    this.#unfinished -= 1;
    if (this.#unfinished > 0) return;
    const tell = this.#whenFinished;
    this.#whenFinished = [];
    for (const resolve of tell) resolve();
  }
}

/** Nobody wants to know. */
const silent: Tally = () => undefined;

/** A backend that was opened for a runner and may be the runner's to close. */
export interface Opened {
  opened?: Promise<OpenBackend>;
}
