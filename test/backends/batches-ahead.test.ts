import { expect, test } from 'vitest';
import { batchesAhead } from '../../packages/backends/src/batches-ahead.ts';

test('two batches where nothing is known, or nothing is asked', () => {
  expect(batchesAhead(undefined, 8)).toBe(2);
  expect(batchesAhead(0.01, undefined)).toBe(2);
});

test('as many short ones as hide the channel, within bounds', () => {
  expect(batchesAhead(1, 8)).toBe(8);
  expect(batchesAhead(5, 8)).toBe(2);
  expect(batchesAhead(0, 8)).toBe(64);
});
