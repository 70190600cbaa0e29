import type { S3Connection } from './connection.ts';
import { isRefused } from './s3-errors.ts';

export interface Condition {
  readonly IfNoneMatch?: '*';
  readonly IfMatch?: string;
}

/** The new object's ETag, or undefined when the condition was not met. */
export async function putObject(
  connection: S3Connection,
  name: string,
  body: Uint8Array,
  what: string,
  options: { readonly condition?: Condition; readonly signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  const { bucket } = connection.settings;
  return connection.run({ what, bytes: body.byteLength, signal: options.signal }, async (sdk, client, inner) => {
    try {
      const command = new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: name,
        Body: body,
        ContentLength: body.byteLength,
        ContentType: 'application/octet-stream',
        ...options.condition,
      });
      return (await client.send(command, { abortSignal: inner })).ETag ?? '';
    } catch (error) {
      if (options.condition !== undefined && isRefused(error)) return undefined;
      throw error;
    }
  });
}
