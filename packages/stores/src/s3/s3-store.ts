import type { S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { BucketStore } from './bucket-store.ts';
import type { S3Settings } from './connection.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Names the store within the bucket. Default: none. */
  readonly prefix?: string;
  /** Default: the usual chain; `us-east-1` where the endpoint is not Amazon's. */
  readonly region?: string;
  /** Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or Amazon's. */
  readonly endpoint?: string;
  /** Default: the usual chain of environment, profile and instance. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** The bucket in the path instead of the host name. Default: where the endpoint is not Amazon's. */
  readonly forcePathStyle?: boolean;
  /** For each request, in ms; what is sent gets another ms a kilobyte, what comes has time while it comes. Default 10,000. */
  readonly timeoutMs?: number;
  /** Parts of an entry that are larger together are an object of their own, uploaded in pieces. Default 16 MiB. */
  readonly multipartBytes?: number;
  /** An `S3Client` of yours instead: it stays yours to destroy, and its leases are renewed by this thread. */
  readonly client?: object;
}

/**
 * A store in a bucket, through the package @aws-sdk/client-s3, which is loaded on first use. An entry is one object; parts
 * above `multipartBytes` are a second one, named by their hash, which is there before the entry is.
 * Whether the server keeps to conditional writes is found out before the first one; where it does not, `capabilities`
 * lacks `createIfAbsent` and `leases`, and an event says so.
 */
export function s3Store(options: S3StoreOptions): Store {
  const {
    bucket,
    prefix = '',
    timeoutMs = 10_000,
    multipartBytes = 16 * 2 ** 20,
    client,
    region,
    endpoint,
    credentials,
    forcePathStyle,
  } = options;
  const refuse = (problem: string): never => {
    throw new StoreError('ERR_STORE_LOCATION', 's3', problem);
  };
  if (typeof bucket !== 'string' || !/^[A-Za-z0-9._-]{1,255}$/.test(bucket))
    refuse(`bucket is ${JSON.stringify(bucket)}. It must be the name of a bucket: s3://bucket/prefix.`);
  if (!(timeoutMs > 0)) refuse(`timeoutMs is ${timeoutMs}. It must be above 0.`);
  if (!(multipartBytes > 0)) refuse(`multipartBytes is ${multipartBytes}. It must be above 0.`);
  if (endpoint !== undefined && !URL.canParse(endpoint))
    refuse(`endpoint is ${JSON.stringify(endpoint)}. It must be a URL: http://localhost:7480.`);
  if (Buffer.byteLength(prefix) > 300) refuse('prefix is longer than 300 bytes.');
  const path = prefix.replace(/^\/+|\/+$/g, '');
  const settings: S3Settings = {
    store: `s3 ${bucket}${path === '' ? '' : `/${path}`}`,
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    timeoutMs,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  };
  return new BucketStore(settings, multipartBytes, client as S3Client | undefined);
}
