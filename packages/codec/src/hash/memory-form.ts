import { condense, INLINE } from './condense.ts';
import { lowestFirst } from './little-endian.ts';
import { Tag } from './tags.ts';
import type { Walk } from './walk.ts';

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/** What a view is called: `Float64Array`, `Buffer`, `DataView`; of a subclass of one, that one. */
export function viewName(view: ArrayBufferView): string {
  return Buffer.isBuffer(view) ? 'Buffer' : (tagOf.call(view) ?? 'DataView');
}

/** Writes bytes, the lowest of each element first. They are read where they are, however many. */
export function writeMemory({ out, digester }: Walk, memory: ArrayBufferLike | ArrayBufferView, name = ''): void {
  const isView = ArrayBuffer.isView(memory);
  const bytes = isView ? new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength) : new Uint8Array(memory);
  const start = out.length;
  out.byte(isView ? Tag.view : Tag.memory);
  out.utf8(name);
  out.double(bytes.byteLength);
  const body = lowestFirst(bytes, name);
  if (bytes.byteLength > INLINE) condense(out, digester, start, body);
  else out.append(body);
}
