import { expect, test } from 'vitest';
import { Backoff } from '../../packages/backends/src/grpc/client/backoff.ts';

test('each failure doubles the wait up to a limit, and a success begins anew', () => {
  const backoff = new Backoff({ firstMs: 100, mostMs: 1000, random: () => 0.999 });
  expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

test('clients that failed together come back apart, each after half the wait at least', () => {
  const waits = new Set(
    Array.from({ length: 100 }, () => {
      const backoff = new Backoff({ firstMs: 1_000_000, mostMs: 1_000_000 });
      return backoff.next();
    }),
  );
  expect(waits.size).toBeGreaterThan(50);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(500_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_000_000);
});
