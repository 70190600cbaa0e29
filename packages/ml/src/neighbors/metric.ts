/** How far rows are from each other. */
export type MetricName = 'euclidean' | 'manhattan' | 'chebyshev' | 'minkowski' | 'cosine';

/** The power of differences that is summed; infinity for the largest one. */
export function powerOf(metric: Exclude<MetricName, 'cosine'>, p: number): number {
  switch (metric) {
    case 'euclidean':
      return 2;
    case 'manhattan':
      return 1;
    case 'chebyshev':
      return Number.POSITIVE_INFINITY;
    case 'minkowski':
      return p;
  }
}

/** A difference as it is summed. */
export function powered(difference: number, power: number): number {
  const size = Math.abs(difference);
  if (power === 2) return size * size;
  return power === 1 || power === Number.POSITIVE_INFINITY ? size : size ** power;
}

/** The distance, of a sum. */
export function rooted(sum: number, power: number): number {
  if (power === 2) return Math.sqrt(sum);
  return power === 1 || power === Number.POSITIVE_INFINITY ? sum : sum ** (1 / power);
}

/**
 * The summed powers of the differences of two rows; something larger than `limit` as soon as they are. Sums grow with
 * each column, so most rows that are no neighbours are given up after a few.
 */
export function boundedSum(
  a: Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  cols: number,
  power: number,
  limit: number,
): number {
  let sum = 0;
  if (power === 2) {
    let col = 0;
    for (; col + 8 <= cols; col += 8) {
      const i = atA + col;
      const j = atB + col;
      const d0 = (a[i] as number) - (b[j] as number);
      const d1 = (a[i + 1] as number) - (b[j + 1] as number);
      const d2 = (a[i + 2] as number) - (b[j + 2] as number);
      const d3 = (a[i + 3] as number) - (b[j + 3] as number);
      const d4 = (a[i + 4] as number) - (b[j + 4] as number);
      const d5 = (a[i + 5] as number) - (b[j + 5] as number);
      const d6 = (a[i + 6] as number) - (b[j + 6] as number);
      const d7 = (a[i + 7] as number) - (b[j + 7] as number);
      sum += d0 * d0 + d1 * d1 + (d2 * d2 + d3 * d3) + (d4 * d4 + d5 * d5 + (d6 * d6 + d7 * d7));
      if (sum > limit) return sum;
    }
    for (; col < cols; col += 1) {
      const difference = (a[atA + col] as number) - (b[atB + col] as number);
      sum += difference * difference;
    }
    return sum;
  }
  for (let col = 0; col < cols; col += 1) {
    const size = powered((a[atA + col] as number) - (b[atB + col] as number), power);
    sum = power === Number.POSITIVE_INFINITY ? Math.max(sum, size) : sum + size;
    if (sum > limit) return sum;
  }
  return sum;
}
