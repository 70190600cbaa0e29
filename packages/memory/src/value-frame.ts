import { type Frame, FrameError, Session, UnserializableError } from '@jobloom/codec';
import { jsonText } from './json-text.ts';

/** A value as bytes: structure, and bulk memory apart. */
export interface ValueFrame {
  readonly head: Uint8Array;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The value holds the ArrayBuffer itself, not only views of it. */
  readonly asBuffer: boolean;
}

/** JSON begins with a character; the codec's frames with the number of their format. */
const FIRST_OF_TEXT = 0x20;
/** Smaller memory is copied into the head. */
const APART = 4 * 1024;

/**
 * A value as data. Large memory in it is not copied: who calls reads it before other code runs, or while the caller waits.
 * @throws UnserializableError for what would take code to make again: functions, instances of classes
 */
export function toFrame(value: unknown): ValueFrame {
  const text = jsonText(value);
  if (text !== undefined) return { head: Buffer.from(text), parts: [] };
  const session = new Session({
    role: 'worker',
    functions: false,
    borrow: (_, bytes) => (bytes > APART ? 'used' : undefined),
  });
  const { head, buffers, borrowed = [], modules, codes } = session.encode(value, ['result']);
  if (modules.length > 0 || codes.length > 0)
    throw new UnserializableError(
      ['result'],
      `it needs code of ${modules.map(({ specifier }) => specifier).join(', ') || 'a function'} to be made again, and stored values are data`,
      'Return data, or register a type: registerType({ name, match, encode, decode })',
    );
  const whole = new Set(borrowed.filter(({ asBuffer }) => asBuffer).map(({ at }) => at));
  return { head, parts: buffers.map((bytes, at) => ({ bytes, asBuffer: whole.has(at) })) };
}

/**
 * The value of a frame; runs no code but that of types which this program registered.
 * @param inPlace make views over the memory of the parts, where it lies, instead of over memory of their own
 * @throws JobloomError for what is no frame
 */
export function fromFrame({ head, parts }: ValueFrame, inPlace: boolean): unknown {
  if ((head[0] ?? 0) >= FIRST_OF_TEXT) return fromText(head);
  const buffers = parts.map(({ bytes }) => bytes);
  const frame: Frame = { head, buffers, shared: [], codes: [], modules: [] };
  const places = inPlace ? parts.flatMap(({ asBuffer }, at) => (asBuffer ? [] : [at])) : [];
  const session = new Session({ role: 'caller', functions: false });
  return session.decode(places.length === 0 ? frame : { ...frame, inPlace: places });
}

function fromText(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw new FrameError('this JSON cannot be read', { cause });
  }
}
