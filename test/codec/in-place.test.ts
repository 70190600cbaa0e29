import { type Frame, Session } from '@jobloom/codec';
import { expect, test } from 'vitest';

test('views are made where a reader’s memory has their bytes; ArrayBuffers get their own', () => {
  const value = { a: new Float64Array(1_000).fill(1.5), b: new Int16Array(4_000).fill(3), c: new ArrayBuffer(10_000) };
  const { head, buffers } = new Session().encode(value);
  const memory = new Uint8Array(100_000);
  let end = 64;
  const placed = buffers.map((bytes) => {
    const at = end;
    memory.set(bytes, at);
    end = Math.ceil((at + bytes.byteLength) / 64) * 64;
    return memory.subarray(at, at + bytes.byteLength);
  });
  const frame: Frame = { head, buffers: placed, shared: [], codes: [], modules: [] };
  const read = new Session({ role: 'caller' }).decode({ ...frame, inPlace: [0, 1] }) as typeof value;
  expect(read).toEqual(value);
  expect([read.a.buffer, read.b.buffer].every((buffer) => buffer === memory.buffer)).toBe(true);
  expect([read.a.byteOffset, read.b.byteOffset]).toEqual([64, 8_064]);
  expect(read.c).not.toBe(memory.buffer);
  memory.fill(0);
  expect([read.a[5], read.c.byteLength]).toEqual([0, 10_000]);
});
