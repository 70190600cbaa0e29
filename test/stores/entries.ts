import type { Entry, EntryInfo, Payload, Store, StoreEvent } from '@jobloom/stores';

/** A payload whose head and part are one text, repeated in the part. */
export function payloadOf(text: string, size = 100): Payload {
  return { head: Buffer.from(text), parts: [Buffer.alloc(size, text)] };
}

/** What `payloadOf` had: text and size, or `damaged`. */
export function textOf(entry: Entry | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const text = Buffer.from(entry.head).toString();
  const [part = new Uint8Array(0)] = entry.parts;
  return Buffer.alloc(part.byteLength, text).equals(part) ? `${text} ${part.byteLength}` : 'damaged';
}

export async function listed(store: Store): Promise<EntryInfo[]> {
  const infos: EntryInfo[] = [];
  for await (const info of store.list()) infos.push(info);
  return infos;
}

/** What a store tells, from now on. */
export function eventsOf(store: Store): StoreEvent[] {
  const events: StoreEvent[] = [];
  store.onEvent?.((event) => events.push(event));
  return events;
}
