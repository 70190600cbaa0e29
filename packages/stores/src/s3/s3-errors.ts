import { StoreError, type StoreErrorCode } from '../errors.ts';

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const NAMES: readonly (readonly [RegExp, StoreErrorCode, advice: string])[] = [
  [/^NoSuchBucket$/, 'ERR_STORE_MISSING', 'Create the bucket, or correct its name.'],
  [
    /^(QuotaExceeded|InsufficientStorage|StorageFull|XMinioStorageFull)$/,
    'ERR_STORE_FULL',
    'The quota of the bucket or user is used up.',
  ],
  [/^(EntityTooLarge)$/, 'ERR_STORE_TOO_LARGE', ''],
  [
    /^(AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|CredentialsProviderError|Forbidden|AccountProblem|RequestTimeTooSkewed)$/,
    'ERR_STORE_DENIED',
    'Check the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the option credentials.',
  ],
  [/^(TimeoutError|RequestTimeout)$/, 'ERR_STORE_TIMEOUT', 'Raise timeoutMs if the server is only slow.'],
  [/^NotImplemented$/, 'ERR_STORE_UNSUPPORTED', ''],
];
const NETWORK =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|socket hang up|aborted|ERR_STREAM_PREMATURE_CLOSE/;

/** What the SDK threw, as a StoreError. */
export function s3Error(error: unknown, store: string, what: string): Error {
  if (error instanceof StoreError || !(error instanceof Error)) return error as Error;
  const [code, advice] = codeOf(error);
  const said =
    error.message === '' || error.message === 'UnknownError'
      ? `${error.name}, status ${statusOf(error) ?? 'unknown'}`
      : error.message;
  return new StoreError(code, store, `${what} failed: ${error.name}: ${said}. ${advice}`.trimEnd(), { cause: error });
}

const UNREACHABLE = [
  'ERR_STORE_UNREACHABLE',
  'Is the server running, and is the endpoint right? The next operation tries again.',
] as const;

function codeOf(error: SdkError): readonly [StoreErrorCode, string] {
  if (NETWORK.test(error.code ?? '')) return UNREACHABLE; // the SDK calls some of these TimeoutError
  for (const [pattern, code, advice] of NAMES) if (pattern.test(error.name)) return [code, advice];
  if (/Region is missing/.test(error.message)) return ['ERR_STORE_LOCATION', 'Set AWS_REGION, or the option region.'];
  const status = statusOf(error) ?? 0;
  if (status === 401 || status === 403) return ['ERR_STORE_DENIED', 'Check the rights of these credentials.'];
  if (status >= 500 || NETWORK.test(error.message) || (status === 0 && error.code !== undefined)) return UNREACHABLE;
  return ['ERR_STORE_FAILED', ''];
}

export function statusOf(error: unknown): number | undefined {
  return (error as SdkError | null)?.$metadata?.httpStatusCode;
}

/** There is no such object; the bucket is there. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
}

/** The condition of a conditional request was not met, or somebody else's request was being decided. */
export function isRefused(error: unknown): boolean {
  return statusOf(error) === 412 || statusOf(error) === 409;
}
