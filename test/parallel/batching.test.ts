import { expect, test } from 'vitest';
import { type BatchingInput, nextBatchSize, updateMean } from '../../packages/parallel/src/batching.ts';

const input = (more: Partial<BatchingInput>): BatchingInput => ({
  batchSize: 'auto',
  meanMs: undefined,
  largest: 0,
  remaining: undefined,
  atOnce: 2,
  batchMs: 2,
  ...more,
});

test('a size that was asked for is kept', () => {
  expect(nextBatchSize(input({ batchSize: 7, meanMs: 100, remaining: 3 }))).toBe(7);
});

test('while durations are unknown, a task goes alone', () => {
  expect(nextBatchSize(input({}))).toBe(1);
});

test('about batchMs of work, growing eightfold at most', () => {
  expect(nextBatchSize(input({ meanMs: 0.1, largest: 1000 }))).toBe(20);
  expect(nextBatchSize(input({ meanMs: 0.001, largest: 1 }))).toBe(8);
  expect(nextBatchSize(input({ meanMs: 0.001, largest: 8 }))).toBe(64);
  expect(nextBatchSize(input({ meanMs: 50, largest: 64 }))).toBe(1);
  expect(nextBatchSize(input({ meanMs: 0, largest: 1e9 }))).toBe(4096);
});

test('less towards the end, so that workers finish together', () => {
  expect(nextBatchSize(input({ meanMs: 0.001, largest: 4096, remaining: 100 }))).toBe(25);
  expect(nextBatchSize(input({ meanMs: 0.001, largest: 4096, remaining: 3 }))).toBe(1);
});

test('the mean follows a change of durations', () => {
  let mean = updateMean(undefined, 10);
  expect(mean).toBe(10);
  for (let round = 0; round < 20; round += 1) mean = updateMean(mean, 1);
  expect(mean).toBeGreaterThan(1);
  expect(mean).toBeLessThan(1.01);
});
