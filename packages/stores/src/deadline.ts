import { StoreError } from './errors.ts';

/** A timer that is later than this fired on a thread that had no time to read answers. */
const BUSY_MS = 100;
const SECOND_LOOK_MS = 1_000;

export interface Limit {
  readonly store: string;
  /** What is being done, for the message: `get of a/b`. */
  readonly what: string;
  readonly timeoutMs: number;
  /** What has come so far, in bytes: while it grows, the time begins anew. */
  readonly progress?: () => number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs an operation that must not hang: rejects with `ERR_STORE_TIMEOUT` after `timeoutMs`, with the signal's reason
 * when that aborts, and aborts the signal that `run` gets in both cases. What `run` gives later is dropped.
 */
export async function within<T>(limit: Limit, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeoutMs } = limit;
  signal?.throwIfAborted();
  const inner = new AbortController();
  let stop: (error: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const end = (error: unknown): void => {
    stop(error);
    inner.abort(error);
  };
  let before = limit.progress?.() ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let due = 0;
  const wait = (ms: number): void => {
    due = performance.now() + ms;
    timer = setTimeout(check, ms);
  };
  const check = (): void => {
    const now = limit.progress?.() ?? 0;
    const late = performance.now() - due;
    if (now !== before) {
      before = now;
      wait(timeoutMs);
      return;
    }
    if (late > BUSY_MS) {
      wait(Math.min(timeoutMs, SECOND_LOOK_MS)); // this thread was busy: the answer may be there, unread
      return;
    }
    end(
      new StoreError(
        'ERR_STORE_TIMEOUT',
        limit.store,
        `${limit.what} had no answer within ${timeoutMs} ms. Raise timeoutMs if the store is only slow.`,
      ),
    );
  };
  wait(timeoutMs);
  const onAbort = (): void => end(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(inner.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
