import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContainerStderr } from '../../packages/backends/src/container/container-stderr.ts';
import { splitStreams } from '../../packages/backends/src/container/stdio-frames.ts';

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test('both streams survive any cutting of what the engine sends', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string()));
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (all, cuts) => {
      const bytes = Buffer.concat(all.map(([stream, text]) => frame(stream, text)));
      const got: Record<number, Buffer[]> = { 1: [], 2: [] };
      const push = splitStreams(
        (chunk) => got[1]?.push(Buffer.from(chunk)),
        (chunk) => got[2]?.push(Buffer.from(chunk)),
      );
      let at = 0;
      for (let turn = 0; at < bytes.length; turn += 1) {
        const size = cuts[turn % cuts.length] as number;
        push(bytes.subarray(at, at + size));
        at += size;
      }
      for (const stream of [1, 2]) {
        const sent = all.filter(([each]) => each === stream).map(([, text]) => text);
        expect(Buffer.concat(got[stream] ?? [])).toEqual(Buffer.from(sent.join('')));
      }
    }),
  );
});

test('the supervisor’s reports are no output, what tasks print is, and its last lines are kept', () => {
  let printed = '';
  const stderr = new ContainerStderr((text) => {
    printed += text;
  });
  stderr.push(Buffer.from('one\n\x1ejobloom {"type":"alive"}\nhalf'));
  stderr.push(Buffer.from(' a line\x1ejobloom {"type":"exit","code":3,"signal":null}\nlast'));
  expect(stderr.exit).toEqual({ type: 'exit', code: 3, signal: null });
  stderr.end();
  expect(printed).toBe('one\nhalf a line\nlast\n');
  expect(stderr.lastLines).toEqual(['one', 'half a line', 'last']);
  for (let line = 0; line < 100; line += 1) stderr.push(Buffer.from(`line ${line}\n`));
  expect(stderr.lastLines).toHaveLength(20);
  expect(stderr.lastLines.at(-1)).toBe('line 99');
});

test('what looks like a report and is none is output', () => {
  const stderr = new ContainerStderr(() => undefined);
  stderr.push(Buffer.from('\x1ejobloom {"type":\n\x1ejobloom {"type":"other"}\n'));
  expect(stderr.exit).toBeUndefined();
  expect(stderr.lastLines).toHaveLength(2);
});
