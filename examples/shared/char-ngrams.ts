// The job of the examples 01 and 06: the character 2-5-grams of 2,000 movie reviews, counted.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delayed, type Task } from '@jobloom/parallel';
import { strFromU8, unzipSync } from 'fflate';

const REVIEWS_PER_TASK = 20;

/** The first reviews by their names. */
function readReviews(count: number): string[] {
  const archive = unzipSync(readFileSync(new URL('../data/movie_reviews.zip', import.meta.url)));
  const names = Object.keys(archive).filter((name) => name.endsWith('.txt'));
  return names
    .sort()
    .slice(0, count)
    .map((name) => strFromU8(archive[name] as Uint8Array, true));
}

// Plain local values and functions. The tasks below use them, wherever they run.
const lengths = [2, 3, 4, 5];
const buckets = 2 ** 18;

/** FNV-1a, folded into the number of buckets. */
const bucketOf = (gram: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < gram.length; at += 1) hash = Math.imul(hash ^ gram.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 18)) & (buckets - 1);
};

/** How often each n-gram of one text occurs. */
const gramsOf = (text: string): Map<string, number> => {
  const seen = new Map<string, number>();
  for (const length of lengths) {
    for (let end = length; end <= text.length; end += 1) {
      const gram = text.slice(end - length, end);
      seen.set(gram, (seen.get(gram) ?? 0) + 1);
    }
  }
  return seen;
};

/** Counts by bucket; those of 20 reviews fit into 16 bits. */
const countGrams = (texts: string[]): Uint16Array => {
  const counts = new Uint16Array(buckets);
  for (const text of texts) {
    for (const [gram, count] of gramsOf(text)) {
      const bucket = bucketOf(gram);
      counts[bucket] = (counts[bucket] as number) + count;
    }
  }
  return counts;
};

/** A task for each 20 of the first reviews. */
export function gramTasks(count: number = Number.POSITIVE_INFINITY): Task<Uint16Array>[] {
  const reviews = readReviews(count);
  return Array.from({ length: Math.ceil(reviews.length / REVIEWS_PER_TASK) }, (_, task) =>
    delayed(countGrams)(reviews.slice(task * REVIEWS_PER_TASK, (task + 1) * REVIEWS_PER_TASK)),
  );
}

/** Adds up what tasks gave, in any order; gives a line to compare. */
export async function digestOf(results: AsyncIterable<Uint16Array>): Promise<string> {
  const total = new Uint32Array(buckets);
  for await (const counts of results)
    for (let at = 0; at < total.length; at += 1) total[at] = (total[at] as number) + (counts[at] as number);
  return `sha256:${createHash('sha256').update(total).digest('hex')}`;
}
