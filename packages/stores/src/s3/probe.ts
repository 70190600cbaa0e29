import { randomUUID } from 'node:crypto';
import { StoreError } from '../errors.ts';
import type { S3Connection } from './connection.ts';
import { removeObjects } from './objects.ts';
import { type Condition, putObject } from './put-object.ts';
import { statusOf } from './s3-errors.ts';

/** How a server takes `If-Match` with the ETag that it gave: as given, without its quotes, or not at all. */
export type IfMatch = 'quoted' | 'unquoted' | 'none';

/** What a server really does with conditional writes. */
export interface Conditions {
  readonly create: boolean;
  readonly replace: IfMatch;
}

const BODY = Buffer.from('Tells whether the server keeps to the conditions of writes. Can be deleted.\n');

/** Tries conditional writes on an object of its own. Servers exist that take the headers and ignore them. */
export async function probe(connection: S3Connection, signal: AbortSignal | undefined): Promise<Conditions> {
  const name = `${connection.settings.prefix}probe/${randomUUID()}`;
  const write = (condition: Condition): Promise<string | undefined> => attempt(connection, name, condition, signal);
  const etag = await write({ IfNoneMatch: '*' });
  if (etag === undefined) return { create: false, replace: 'none' };
  try {
    const create = (await write({ IfNoneMatch: '*' })) === undefined;
    const honest = (await write({ IfMatch: '"00000000000000000000000000000000"' })) === undefined;
    return { create, replace: honest ? await matching(write, etag) : 'none' };
  } finally {
    await removeObjects(connection, [name], 'removing the probe', signal).catch(() => undefined);
  }
}

async function matching(write: (condition: Condition) => Promise<string | undefined>, etag: string): Promise<IfMatch> {
  for (const form of ['quoted', 'unquoted'] as const)
    if ((await write({ IfMatch: etagAs(form, etag) })) !== undefined) return form;
  return 'none';
}

/** The ETag in the form that the server wants. */
export function etagAs(form: IfMatch, etag: string): string {
  return form === 'unquoted' ? etag.replaceAll('"', '') : etag;
}

/** Undefined when refused, because the condition was not met or the server has none. */
async function attempt(
  connection: S3Connection,
  name: string,
  condition: Condition,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await putObject(connection, name, BODY, 'finding out about conditional writes', { condition, signal });
  } catch (error) {
    if (error instanceof StoreError && [400, 501].includes(statusOf(error.cause) ?? 0)) return undefined;
    throw error;
  }
}
