import { StoreError, type StoreErrorCode } from '../errors.ts';

const PATTERNS: readonly (readonly [RegExp, StoreErrorCode, advice: string])[] = [
  [
    /^(NOAUTH|WRONGPASS|NOPERM)|invalid password|invalid username/,
    'ERR_STORE_DENIED',
    'Give the user and password in the URL: redis://user:password@host:6379.',
  ],
  [
    /^OOM |used memory > 'maxmemory'/,
    'ERR_STORE_FULL',
    'The server is at its maxmemory: limit the size of the store, or give the server more.',
  ],
  [/^READONLY/, 'ERR_STORE_READ_ONLY', 'The server is a replica: give the address of the primary.'],
  [/^MISCONF/, 'ERR_STORE_READ_ONLY', 'The server cannot save to its disk and refuses writes.'],
  [/DB index is out of range/, 'ERR_STORE_MISSING', 'The server has fewer databases than the number in the URL.'],
  [
    /ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Connection is closed|connection close|max retries|Stream isn't writeable|^LOADING|^CLUSTERDOWN|Failed to refresh slots cache|None of startup nodes/,
    'ERR_STORE_UNREACHABLE',
    'Is the server running, and is the address right? The next operation tries again.',
  ],
];

/** What ioredis or the server said, as a StoreError. `told` is what the connection's own error event said. */
export function redisError(error: unknown, store: string, what: string, told: Error | undefined): Error {
  if (error instanceof StoreError || !(error instanceof Error)) return error as Error;
  const reasons = [
    ...((error as { previousErrors?: Error[] }).previousErrors ?? []),
    error,
    ...(told === undefined ? [] : [told]),
  ];
  for (const [pattern, code, advice] of PATTERNS) {
    const reason = reasons.find(
      (each) => pattern.test(`${each.message}`) || pattern.test((each as NodeJS.ErrnoException).code ?? ''),
    );
    if (reason === undefined) continue;
    const said = told !== undefined && code === 'ERR_STORE_UNREACHABLE' ? told : reason;
    const message = said.message === '' ? ((said as NodeJS.ErrnoException).code ?? said.name) : said.message;
    return new StoreError(code, store, `${what} failed: ${message}. ${advice}`, { cause: error });
  }
  return new StoreError('ERR_STORE_FAILED', store, `${what} failed: ${error.message}`, { cause: error });
}
