import { expect } from 'vitest';

/** Numbers that differ by no more than `tolerance`, or that share of what is expected where that is above 1. */
export function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i += 1) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e))) continue;
    expect.fail(`at ${i}: ${a} is not ${e} within ${tolerance}`);
  }
}
