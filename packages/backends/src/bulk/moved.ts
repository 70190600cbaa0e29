import { types } from 'node:util';
import { OptionError } from '../errors.ts';

const KEY = Symbol.for('jobloom.moved');

interface Marks {
  /** To be given away with the next task or result that holds it. */
  readonly marked: WeakSet<object>;
  /** Given away, or about to be within this turn. */
  readonly gone: WeakSet<object>;
  /** A channel has it. */
  readonly sent: WeakSet<object>;
  /** Something was marked once. */
  used: boolean;
}

const globals = globalThis as { [KEY]?: Marks };
globals[KEY] ??= { marked: new WeakSet(), gone: new WeakSet(), sent: new WeakSet(), used: false };
const marks: Marks = globals[KEY];
const { marked, gone, sent } = marks;

/**
 * Marks memory to be handed over instead of copied, with the task or the result that holds it: from then on it is
 * gone here (its length is 0), on every backend whose tasks are isolated. In place, it stays the same object.
 * Gives the value itself. All of the underlying ArrayBuffer goes, also where the value is a view of a part of it.
 *
 * @example
 * const task = delayed(normalize)(move(samples)); // in the caller
 * const normalize = (samples: Float64Array) => move(samples.map((x) => x / 2)); // and back
 * @throws OptionError for what is no memory, is shared, can be resized, or was moved before
 */
export function move<T extends ArrayBuffer | ArrayBufferView>(value: T): T {
  const buffer: unknown = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!types.isArrayBuffer(buffer))
    throw new OptionError(
      `move needs an ArrayBuffer, a typed array, a DataView or a Buffer. Got ${describe(buffer)}. Shared memory need not be moved, and other values are copied.`,
    );
  if ((buffer as { resizable?: boolean }).resizable)
    throw new OptionError(
      'move was given a resizable ArrayBuffer, which cannot be moved. Send a copy: buffer.slice().',
    );
  if (gone.has(buffer)) throw new OptionError('move was given memory that was moved to a task before.');
  marks.used = true;
  if (!isPooled(value, buffer)) marked.add(buffer);
  return value;
}

/** Node keeps small Buffers of many owners in one ArrayBuffer, which must stay: they are copied. */
function isPooled(value: ArrayBuffer | ArrayBufferView, buffer: ArrayBuffer): boolean {
  return Buffer.isBuffer(value) && buffer.byteLength === Buffer.poolSize && value.byteLength < buffer.byteLength;
}

export function isMarked(buffer: object): boolean {
  return marked.has(buffer);
}

export function isGone(buffer: object): boolean {
  return gone.has(buffer);
}

/** Takes the mark away: the value stays where it is. */
export function unmark(value: unknown): void {
  if (!marks.used || typeof value !== 'object' || value === null) return;
  marked.delete(ArrayBuffer.isView(value) ? value.buffer : value);
}

/** From now on the memory is no longer the value's: it is sent, or taken, before the turn is over. */
export function claim(buffer: ArrayBuffer): void {
  marked.delete(buffer);
  gone.add(buffer);
}

/** Gives the memory to the caller, without a copy. The value has none left. */
export function take(buffer: ArrayBuffer): ArrayBuffer {
  claim(buffer);
  return structuredClone(buffer, { transfer: [buffer] });
}

/** A channel gave it away. */
export function noteSent(buffer: ArrayBuffer): void {
  sent.add(buffer);
}

export function isSent(buffer: object): boolean {
  return sent.has(buffer);
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name ?? '(none)'}`;
  return typeof value === 'function' ? 'a function' : String(value);
}
