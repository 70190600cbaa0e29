/** Objects that are looked at; a channel has some hundred. */
const MOST = 5_000;

/**
 * An open call keeps its program alive, and grpc-js has no word against that: the HTTP/2 session below it has. It is
 * looked for by what it can do, so that where grpc-js keeps it does not matter.
 * @returns false when it was not found: the program then lives until the channel is closed
 */
export function letGo(channel: object): boolean {
  const seen = new Set<object>([channel]);
  for (const object of seen) {
    if (isSession(object)) {
      object.unref();
      return true;
    }
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(object)))
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && seen.size < MOST)
        seen.add(value);
  }
  return false;
}

function isSession(object: object): object is { unref(): void } {
  const { unref, goaway } = object as { unref?: unknown; goaway?: unknown };
  return typeof unref === 'function' && typeof goaway === 'function';
}
