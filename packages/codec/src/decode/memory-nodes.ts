import { types } from 'node:util';
import { broken, FrameLimitError } from '../frame-error.ts';
import { makeView } from '../views.ts';
import type { NodeReader } from './node-reader.ts';

export function readView(reader: NodeReader): object {
  const view = reader.plain();
  if (!ArrayBuffer.isView(view)) throw broken('no view of memory where one belongs');
  return view;
}

export function readMemory(reader: NodeReader): ArrayBufferLike {
  const whole = reader.plain();
  if (!ArrayBuffer.isView(whole)) throw broken('no memory where some belongs');
  return whole.buffer;
}

/** Memory that can be resized: `[kind, largest size, bytes]`. */
export function readResizable(reader: NodeReader): ArrayBufferLike {
  const maxByteLength = reader.next();
  if (reader.isData && maxByteLength > reader.host.limits().bytes)
    throw new FrameLimitError('bytes', `an answer with memory that may grow to ${maxByteLength} bytes`);
  const bytes = reader.plain();
  if (!types.isUint8Array(bytes)) throw broken('no memory where some belongs');
  const memory = new (ArrayBuffer as ResizableConstructor)(bytes.byteLength, { maxByteLength });
  new Uint8Array(memory).set(bytes);
  return memory;
}

type ResizableConstructor = new (size: number, options: { readonly maxByteLength: number }) => ArrayBuffer;

/** A view of memory that can change its size: `[kind, type, memory, offset, length]`. */
export function readGrowingView(reader: NodeReader): ArrayBufferView {
  const code = reader.next();
  const memory = reader.value();
  const offset = reader.next();
  const length = reader.next();
  if (!types.isAnyArrayBuffer(memory)) throw broken('no memory where some belongs');
  return makeView(code, memory, offset, length === -1 ? undefined : length);
}
