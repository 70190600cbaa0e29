import { bytesToFrame, FrameError, frameToBytes, Session } from '@jobloom/codec';
import { describe, expect, test } from 'vitest';

const ALIGNMENT = 64;

/** Where bytes lie within others. */
function offsetOf(bytes: Uint8Array, part: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(part);
}

test('buffers lie at multiples of 64 in the bytes, whatever is before them', () => {
  for (const padding of [0, 1, 2, 61, 62, 63, 64]) {
    const value = {
      text: 'x'.repeat(padding),
      parts: [5001, 5002, 8192, 5003].map((size, at) => new Uint8Array(size).fill(100 + at)),
      doubles: new Float64Array(1000).fill(Math.PI),
    };
    const frame = new Session().encode(value);
    expect(frame.buffers.map(({ byteLength }) => byteLength)).toEqual([5001, 5002, 8192, 5003, 8000]);
    const bytes = frameToBytes(frame);
    for (const buffer of frame.buffers) expect(offsetOf(bytes, buffer) % ALIGNMENT).toBe(0);
    const doubles = offsetOf(bytes, frame.buffers[4] as Uint8Array);
    expect(new Float64Array(bytes.buffer, bytes.byteOffset + doubles, 1000)[999]).toBe(Math.PI);
    expect(new Session().decode(bytesToFrame(bytes).frame)).toEqual(value);
  }
});

test('each buffer of a frame spans its own memory, and is read from bytes that lie anywhere', () => {
  const frame = new Session().encode(new Float64Array(1000).fill(0.5));
  const bytes = frameToBytes(frame);
  const shifted = new Uint8Array(bytes.byteLength + 3);
  shifted.set(bytes, 3);
  const { frame: read } = bytesToFrame(shifted.subarray(3));
  for (const buffer of [...frame.buffers, ...read.buffers]) {
    expect(buffer.byteOffset).toBe(0);
    expect(buffer.buffer.byteLength).toBe(buffer.byteLength);
  }
  expect(new Session().decode(read)).toEqual(new Float64Array(1000).fill(0.5));
});

describe('bytes that are no frame', () => {
  const whole = frameToBytes(new Session().encode({ a: new Uint8Array(5000) }));
  const index = (text: string): Uint8Array => {
    const bytes = Buffer.alloc(9 + text.length);
    bytes.write('jblf\u0001');
    bytes.writeUInt32LE(text.length, 5);
    bytes.write(text, 9);
    return bytes;
  };

  test.each([
    ['nothing', new Uint8Array(0), 'these bytes are no frame of jobloom'],
    ['something else', Buffer.from('something else'), 'these bytes are no frame of jobloom'],
    [
      'a later layout',
      Uint8Array.from(whole, (byte, at) => (at === 4 ? 3 : byte)),
      'a frame in layout 3; this jobloom reads layouts 1 and 2',
    ],
    ['cut off', whole.subarray(0, whole.length - 1), 'the bytes of this frame were cut off'],
    ['an index that is no JSON', index('{'), 'the index of this frame cannot be read'],
    ['an index that is nothing', index('null'), 'the index of this frame is damaged'],
    [
      'a negative size',
      index('{"head":-1,"buffers":[],"codes":[],"modules":[]}'),
      'the index of this frame is damaged',
    ],
    [
      'a huge size',
      index('{"head":9e15,"buffers":[],"codes":[],"modules":[]}'),
      'the bytes of this frame were cut off',
    ],
    [
      'other codes',
      index('{"head":0,"buffers":[],"codes":[[1,2]],"modules":[]}'),
      'the index of this frame is damaged',
    ],
    ['other modules', index('{"head":0,"buffers":[],"codes":[],"modules":[{}]}'), 'the index of this frame is damaged'],
  ])('%s', (_name, bytes, message) => {
    expect(() => bytesToFrame(bytes)).toThrow(FrameError);
    expect(() => bytesToFrame(bytes)).toThrow(message);
  });
});
