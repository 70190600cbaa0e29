import type { EntryInfo, ListOptions } from '../store.ts';
import type { S3Connection } from './connection.ts';
import { entryName, parseName } from './names.ts';
import { objects } from './objects.ts';

/** Entries with the bytes of their parts, which sort next to them. */
export async function* listEntries(
  connection: S3Connection,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<EntryInfo> {
  let current: { -readonly [name in keyof EntryInfo]: EntryInfo[name] } | undefined;
  for await (const object of objects(connection, entryName(prefix, options.prefix ?? ''), 'list', options.signal)) {
    const { key, hash } = parseName(prefix, object.Key ?? '');
    const bytes = object.Size ?? 0;
    if (hash !== undefined) {
      if (current?.key === key) current.bytes += bytes;
      continue;
    }
    if (current !== undefined) yield current;
    const createdMs = object.LastModified?.getTime() ?? 0;
    current = { key, bytes, createdMs, accessedMs: createdMs };
  }
  if (current !== undefined) yield current;
}
