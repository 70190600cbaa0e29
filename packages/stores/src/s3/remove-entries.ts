import type { S3Connection } from './connection.ts';
import { entryName, partsName } from './names.ts';
import { objects, removeObjects } from './objects.ts';

const AT_ONCE = 16;

/** Removes entries with their parts, the entries first: none is there without its parts. Gives how many there were. */
export async function removeEntries(
  connection: S3Connection,
  prefix: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const entries: string[] = [];
  const parts: string[] = [];
  const queue = keys.values();
  const look = async (): Promise<void> => {
    for (const key of queue) {
      const name = entryName(prefix, key);
      const found = await namesOf(connection, name, signal);
      if (found.includes(name)) entries.push(name);
      parts.push(...found.filter((each) => each.startsWith(partsName(prefix, key, ''))));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  await removeObjects(connection, entries, 'delete', signal);
  await removeObjects(connection, parts, 'delete', signal);
  return entries.length;
}

/** The entry of this name and its parts, which sort next to it. */
async function namesOf(connection: S3Connection, name: string, signal: AbortSignal | undefined): Promise<string[]> {
  const names: string[] = [];
  for await (const { Key = '' } of objects(connection, name, 'delete', signal)) {
    if (Key !== name && !Key.startsWith(`${name}!`)) break;
    names.push(Key);
  }
  return names;
}
