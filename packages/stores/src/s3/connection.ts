import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { within } from '../deadline.ts';
import { loadPeer } from '../load-peer.ts';
import { s3Error } from './s3-errors.ts';

export type S3Sdk = typeof import('@aws-sdk/client-s3');

/** Where a store is, as data that can be sent to another thread. */
export interface S3Settings {
  readonly store: string;
  readonly bucket: string;
  /** Empty, or ending with a slash. */
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly region?: string;
  readonly endpoint?: string;
  readonly forcePathStyle?: boolean;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

export interface Request {
  /** For messages: `get of a/b`. */
  readonly what: string;
  /** Bytes that are sent. */
  readonly bytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that have come so far. */
  readonly progress?: () => number;
}

/** What is sent gets this long beyond the time-out of a request. */
const MS_A_BYTE = 1 / 1000;
const LARGEST_PART = 64 * 2 ** 20;

/** The SDK's client, loaded and made on first use. */
export class S3Connection {
  readonly settings: S3Settings;
  readonly #given: S3Client | undefined;
  #opening: Promise<{ readonly sdk: S3Sdk; readonly client: S3Client }> | undefined;
  #offset = Date.now() - performance.now(); // until the server's first answer

  constructor(settings: S3Settings, given?: S3Client) {
    this.settings = settings;
    this.#given = given;
  }

  /** Runs requests within their time. Rejects with `StoreError` or the signal's reason; what `run` catches itself are the SDK's errors. */
  async run<T>(request: Request, run: (sdk: S3Sdk, client: S3Client, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { what, bytes = 0, signal } = request;
    const { store, timeoutMs } = this.settings;
    const limit = {
      store,
      what,
      signal,
      timeoutMs: timeoutMs + bytes * MS_A_BYTE,
      ...(request.progress && { progress: request.progress }),
    };
    try {
      signal?.throwIfAborted();
      const { sdk, client } = await this.#open(); // loading takes as long as it takes
      return await within(limit, (inner) => run(sdk, client, inner));
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw s3Error(error, store, what);
    }
  }

  /** The server's time as of its last answer, to the second. */
  now(): number {
    return this.#offset + performance.now();
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    if (this.#given === undefined) opened?.client.destroy();
  }

  #open(): Promise<{ readonly sdk: S3Sdk; readonly client: S3Client }> {
    this.#opening ??= this.#load();
    return this.#opening;
  }

  async #load(): Promise<{ readonly sdk: S3Sdk; readonly client: S3Client }> {
    const sdk = await loadPeer('@aws-sdk/client-s3', this.settings.store, () => import('@aws-sdk/client-s3'));
    const client = this.#given ?? new sdk.S3Client(configOf(this.settings));
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
        const date = Date.parse(headers?.date ?? '');
        if (!Number.isNaN(date)) this.#offset = date - performance.now();
        return result;
      },
      { step: 'deserialize', name: `jobloom server date ${Math.random()}` },
    );
    return { sdk, client };
  }
}

function configOf({ region, endpoint, credentials, forcePathStyle, timeoutMs }: S3Settings): S3ClientConfig {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const address = endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  const where = region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  const foreign = address !== undefined && !/\.amazonaws\.com(\.cn)?\/?$/.test(address);
  return {
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs + LARGEST_PART * MS_A_BYTE, // each request's own limit is shorter and aborts it
      throwOnRequestTimeout: true,
    },
    ...(address !== undefined && { endpoint: address }),
    ...(where !== undefined ? { region: where } : foreign && { region: 'us-east-1' }),
    ...(credentials !== undefined && { credentials }),
    forcePathStyle: forcePathStyle ?? foreign,
    // other servers store the trailer of the SDK's own checksum as data, or refuse it; ours is in the entry
    ...(foreign && { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
  };
}
