import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { S3Connection } from './connection.ts';

const PART = 8 * 2 ** 20;
const MOST_PARTS = 10_000;
const AT_ONCE = 4;
const HASH_SLICE = 2 ** 20;

/** SHA-256 of chunks, with turns of the event loop in between. */
export async function hashOf(chunks: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  let since = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; at += HASH_SLICE) {
      const slice = chunk.subarray(at, at + HASH_SLICE);
      hash.update(slice);
      since += slice.byteLength;
      if (since < 4 * HASH_SLICE) continue;
      since = 0;
      await turn();
      signal?.throwIfAborted();
    }
  }
  return hash.digest('hex');
}

/** Stores a large object in parts. It appears when all are there; when this rejects, none of it is left where the server still answers. */
export async function upload(
  connection: S3Connection,
  name: string,
  chunks: readonly Uint8Array[],
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bucket } = connection.settings;
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const partBytes = Math.max(PART, Math.ceil(length / MOST_PARTS));
  const place = { Bucket: bucket, Key: name };
  const id = await connection.run({ what, signal }, async (sdk, client, inner) => {
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(place), { abortSignal: inner });
    return UploadId;
  });
  const target = { ...place, UploadId: id };
  const done: CompletedPart[] = [];
  const failed = new AbortController();
  const all = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal]);
  const parts = cut(chunks, partBytes)[Symbol.iterator]();
  const sendAll = async (): Promise<void> => {
    for (let next = parts.next(); next.done !== true; next = parts.next()) {
      const { number, body } = next.value;
      const sent = await connection.run({ what, bytes: AT_ONCE * body.byteLength, signal: all }, (sdk, client, inner) =>
        client.send(new sdk.UploadPartCommand({ ...target, PartNumber: number, Body: body }), { abortSignal: inner }),
      );
      done.push({ PartNumber: number, ETag: sent.ETag });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendAll));
    const Parts = done.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    await connection.run({ what, bytes: length / 10, signal }, (sdk, client, inner) =>
      client.send(new sdk.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }), {
        abortSignal: inner,
      }),
    );
  } catch (error) {
    failed.abort(error);
    await connection
      .run({ what, signal: undefined }, (sdk, client, inner) =>
        client.send(new sdk.AbortMultipartUploadCommand(target), { abortSignal: inner }),
      )
      .catch(() => undefined); // the server is not there; it may have a rule for uploads that were left
    throw error;
  }
}

/** Bodies of known length. A part that lies in one chunk is a view of it. */
function* cut(
  chunks: readonly Uint8Array[],
  partBytes: number,
): Generator<{ readonly number: number; readonly body: Uint8Array }> {
  let number = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  const body = (): Uint8Array => (pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, size));
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      const piece = chunk.subarray(at, at + partBytes - size);
      pieces.push(piece);
      size += piece.byteLength;
      at += piece.byteLength;
      if (size < partBytes) continue;
      number += 1;
      yield { number, body: body() };
      pieces = [];
      size = 0;
    }
  }
  if (size > 0) yield { number: number + 1, body: body() };
}
