import { Deserializer, Serializer } from 'node:v8';
import type { Frame } from './frame.ts';
import { FrameError } from './frame-error.ts';
import { Flag, FORMAT } from './layout.ts';
import type { MemoryWriter } from './memory.ts';
import { keptViews, makeView, type Views, viewCode } from './views.ts';

/** Views are written as the memory they are on, a type, an offset and a length. */
class HeadSerializer extends Serializer {
  readonly #memory: MemoryWriter;

  constructor(memory: MemoryWriter) {
    super();
    this.#memory = memory;
    (
      this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    )._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view: ArrayBufferView): void {
    if (!ArrayBuffer.isView(view)) throw new TypeError('an object of native code');
    const [index, offset] = this.#memory.place(view.buffer, view.byteOffset, view.byteLength);
    const code = viewCode(view);
    this.writeUint32(code);
    this.writeUint32(index >= 0 ? index * 2 : -1 - index * 2);
    this.writeUint32(offset);
    this.writeUint32((view as Uint8Array).length ?? view.byteLength);
  }
}

/** Writes a head. The memory must have seen every view in the value. */
export function writeHead(
  value: unknown,
  flags: number,
  memory: MemoryWriter,
): Pick<Frame, 'head' | 'buffers' | 'shared' | 'borrowed'> {
  if (memory.empty) {
    const serializer = new HeadSerializer(memory);
    serializer.writeUint32(FORMAT);
    serializer.writeUint32(flags);
    serializer.writeHeader();
    serializer.writeValue(value);
    return { head: serializer.releaseBuffer(), buffers: [], shared: [] };
  }
  const { inline, apart, borrowed } = memory.copy();
  const serializer = new HeadSerializer(memory);
  serializer.writeUint32(FORMAT);
  serializer.writeUint32(flags | Flag.memory);
  serializer.writeUint32(inline.length);
  for (const bytes of inline) serializer.writeUint32(bytes.byteLength);
  for (const bytes of inline) serializer.writeRawBytes(bytes);
  serializer.writeHeader();
  for (const [buffer, index] of memory.whole()) serializer.transferArrayBuffer(index, buffer);
  serializer.writeValue(value);
  const head = serializer.releaseBuffer();
  return { head, buffers: apart, shared: memory.shared, ...(borrowed.length > 0 && { borrowed }) };
}

const NO_STARTS: ReadonlyMap<number, number> = new Map();

class HeadDeserializer extends Deserializer {
  #memory: readonly ArrayBufferLike[] = [];
  #shared: readonly SharedArrayBuffer[] = [];
  /** Where the bytes of a buffer begin in its memory, for those that are not at its start. */
  #starts: ReadonlyMap<number, number> = NO_STARTS;
  /** How often each kept view was met. */
  #met: Map<ArrayBufferView, number> | undefined;

  setMemory(
    memory: readonly ArrayBufferLike[],
    shared: readonly SharedArrayBuffer[],
    starts: ReadonlyMap<number, number>,
  ): void {
    this.#memory = memory;
    this.#shared = shared;
    this.#starts = starts;
    for (const [id, buffer] of memory.entries())
      if (!starts.has(id)) this.transferArrayBuffer(id, buffer as ArrayBuffer);
  }

  _readHostObject(): ArrayBufferView {
    const code = this.readUint32();
    const index = this.readUint32();
    const start = index % 2 === 0 ? (this.#starts.get(index / 2) ?? 0) : 0;
    const offset = start + this.readUint32();
    const length = this.readUint32();
    const buffer = index % 2 === 0 ? this.#memory[index / 2] : this.#shared[(index - 1) / 2];
    if (buffer === undefined) throw new RangeError('memory that did not come');
    const kept = keptViews(buffer);
    return kept === undefined ? makeView(code, buffer, offset, length) : this.#kept(kept, code, buffer, offset, length);
  }

  /** The same objects as in earlier frames; two alike in one frame stay two. */
  #kept(kept: Views, code: number, buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView {
    const key = `${code} ${offset} ${length}`;
    const views = kept.get(key) ?? [];
    kept.set(key, views);
    this.#met ??= new Map();
    const [first] = views;
    const nth = first === undefined ? 0 : (this.#met.get(first) ?? 0);
    views[nth] ??= makeView(code, buffer, offset, length);
    this.#met.set(views[0] as ArrayBufferView, nth + 1);
    return views[nth] as ArrayBufferView;
  }
}

/** What a head says of itself before its value. */
export function readFlags(head: Uint8Array): number {
  if (head[0] !== FORMAT) {
    throw new FrameError(`these bytes are in frame format ${head[0]}; this jobloom reads format ${FORMAT}`);
  }
  return head[1] as number;
}

/** Reads a head's value. @param copy whether the frame's buffers stay with the caller, who decodes it again */
export function readHead(frame: Frame, flags: number, copy: boolean): unknown {
  const deserializer = new HeadDeserializer(frame.head);
  deserializer.readUint32();
  deserializer.readUint32();
  if ((flags & Flag.memory) !== 0) {
    const starts = new Map(frame.inPlace?.map((at) => [at, frame.buffers[at]?.byteOffset ?? 0]));
    const memory = frame.buffers.map((bytes, at): ArrayBufferLike => {
      return starts.has(at) ? bytes.buffer : ownMemory(bytes, copy);
    });
    const lengths: number[] = [];
    for (let left = deserializer.readUint32(); left > 0; left -= 1) lengths.push(deserializer.readUint32());
    for (const length of lengths) memory.push(new Uint8Array(deserializer.readRawBytes(length)).buffer);
    deserializer.setMemory(memory, frame.shared, starts);
  }
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Memory that holds these bytes and nothing else. */
function ownMemory(bytes: Uint8Array<ArrayBuffer>, copy: boolean): ArrayBuffer {
  if (!copy && bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength) return bytes.buffer;
  return bytes.slice().buffer;
}
