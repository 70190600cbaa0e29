import type { Holding } from './depot.ts';
import { fileDepot } from './depots.ts';

const KEY = Symbol.for('jobloom.sharedMemory');
const globals = globalThis as { [KEY]?: WeakSet<object> };
globals[KEY] ??= new WeakSet();
const known = globals[KEY];

/** Memory that was made by `share`: other processes get it by content. */
export function isShared(memory: object): boolean {
  return known.has(memory);
}

/** A SharedArrayBuffer with these bytes, that other processes get by content. */
export function sharedCopy(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(memory).set(bytes);
  known.add(memory);
  return memory;
}

/** Lets memory that is shared already travel in the same way. */
export function noteShared(memory: SharedArrayBuffer): void {
  known.add(memory);
}

const files = new WeakMap<object, Holding>();
const collected = new FinalizationRegistry<Holding>((holding) => fileDepot().discard(holding));

/** The file with what the memory held when it was first asked for; `release` it. Undefined where there is no room. */
export function holdFile(memory: ArrayBufferLike): Holding | undefined {
  const before = files.get(memory);
  if (before !== undefined) return fileDepot().retain(before);
  const holding = fileDepot().hold(new Uint8Array(memory), () => true);
  if (holding === undefined) return undefined;
  files.set(memory, holding);
  collected.register(memory, holding, memory);
  return fileDepot().retain(holding);
}

/** The file goes as soon as no task needs it. */
export function discardFile(memory: ArrayBufferLike): void {
  const holding = files.get(memory);
  if (holding === undefined) return;
  files.delete(memory);
  collected.unregister(memory);
  fileDepot().discard(holding);
}
