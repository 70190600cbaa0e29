import type { _Object } from '@aws-sdk/client-s3';
import type { Request, S3Connection } from './connection.ts';
import { isAbsent } from './s3-errors.ts';

/** As much of an object as is read for its head alone. */
export const BEGINNING: number = 64 * 1024;

/** An object that was read, or its beginning. */
export interface Found {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string;
  readonly modifiedMs: number;
}

export interface ReadObject {
  readonly signal?: AbortSignal | undefined;
  /** Only so many bytes from the beginning. */
  readonly first?: number;
  /** Memory for exactly what comes; fresh otherwise. */
  readonly memory?: Uint8Array;
  /** Hears the bytes as they come. */
  onChunk?(chunk: Uint8Array): void;
}

/** Reads an object: undefined when there is none. Rejects when it ends early. */
export async function readObject(
  connection: S3Connection,
  name: string,
  what: string,
  options: ReadObject = {},
): Promise<Found | undefined> {
  const { settings } = connection;
  let come = 0;
  const request: Request = { what, signal: options.signal, progress: () => come };
  return connection.run(request, async (sdk, client, signal) => {
    try {
      const range = options.first === undefined ? {} : { Range: `bytes=0-${options.first - 1}` };
      const command = new sdk.GetObjectCommand({ Bucket: settings.bucket, Key: name, ...range });
      const {
        Body,
        ContentLength = 0,
        ContentRange,
        ETag = '',
        LastModified,
      } = await client.send(command, { abortSignal: signal });
      const bytes = options.memory?.byteLength === ContentLength ? options.memory : fresh(ContentLength);
      for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) {
        signal.throwIfAborted();
        if (come + chunk.byteLength > bytes.byteLength) throw new Error(`${name} is longer than its length says`);
        bytes.set(chunk, come);
        come += chunk.byteLength;
        options.onChunk?.(chunk);
      }
      if (come !== ContentLength)
        throw Object.assign(new Error(`${come} of ${ContentLength} bytes came`), { code: 'ECONNRESET' });
      const size = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]);
      return { bytes, size, etag: ETag, modifiedMs: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  });
}

/** Length of an object; undefined when there is none. */
export async function sizeOf(
  connection: S3Connection,
  name: string,
  what: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { bucket } = connection.settings;
  return connection.run({ what, signal }, async (sdk, client, inner) => {
    try {
      const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: name }), { abortSignal: inner });
      return head.ContentLength ?? 0;
    } catch (error) {
      if (isAbsent(error) && (error as Error).name !== 'NoSuchBucket') return undefined;
      throw error;
    }
  });
}

/** Objects whose names begin with `prefix`, in order of their names. */
export async function* objects(
  connection: S3Connection,
  prefix: string,
  what: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<_Object> {
  const { bucket } = connection.settings;
  let token: string | undefined;
  do {
    const page = await connection.run({ what, signal }, (sdk, client, inner) => {
      const input = { Bucket: bucket, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) };
      return client.send(new sdk.ListObjectsV2Command(input), { abortSignal: inner });
    });
    yield* page.Contents ?? [];
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

const PAGE = 1000;

/** Removes objects, a thousand a request. */
export async function removeObjects(
  connection: S3Connection,
  names: readonly string[],
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bucket } = connection.settings;
  for (let at = 0; at < names.length; at += PAGE) {
    const Objects = names.slice(at, at + PAGE).map((Key) => ({ Key }));
    await connection.run({ what, signal }, async (sdk, client, inner) => {
      const command = new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await client.send(command, { abortSignal: inner });
      const [first] = Errors;
      if (first !== undefined)
        throw Object.assign(new Error(`${first.Key}: ${first.Message}`), { name: first.Code ?? 'Error' });
    });
  }
}

function fresh(length: number): Uint8Array {
  const { buffer } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, 0, length);
}
