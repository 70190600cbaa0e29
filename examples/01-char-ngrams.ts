// Counts the character 2-5-grams of 2,000 movie reviews: once in place, once on threads, once on processes.
//   npm run demo
//   npm run example -- 01-char-ngrams 200      only the first 200 reviews
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delayed, Parallel } from '@jobloom/parallel';
import { strFromU8, unzipSync } from 'fflate';
import { progressLine } from './shared/progress-line.ts';

const REVIEWS_PER_TASK = 20;

const archive = unzipSync(readFileSync(new URL('data/movie_reviews.zip', import.meta.url)));
const names = Object.keys(archive).filter((name) => name.endsWith('.txt'));
const wanted = names.sort().slice(0, Number(process.argv[2] ?? names.length));
const reviews = wanted.map((name) => strFromU8(archive[name] as Uint8Array, true));

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

const tasks = Array.from({ length: Math.ceil(reviews.length / REVIEWS_PER_TASK) }, (_, task) =>
  delayed(countGrams)(reviews.slice(task * REVIEWS_PER_TASK, (task + 1) * REVIEWS_PER_TASK)),
);

const addTo = (total: Uint32Array, counts: Uint16Array): void => {
  for (let at = 0; at < total.length; at += 1) total[at] = (total[at] as number) + (counts[at] as number);
};

console.error(`${reviews.length} reviews in ${tasks.length} tasks`);
let sequentialMs: number | undefined;
for (const backend of ['sequential', 'threads', 'processes']) {
  const start = performance.now();
  await using runner = new Parallel({ backend, onProgress: progressLine(backend) });
  const total = new Uint32Array(buckets);
  for await (const counts of runner.stream(tasks, { ordered: false })) addTo(total, counts);
  const ms = performance.now() - start;
  sequentialMs ??= ms;
  const digest = createHash('sha256').update(total).digest('hex');
  console.log(`${backend} ${ms.toFixed(0)} ms ${(sequentialMs / ms).toFixed(2)}x sha256:${digest}`);
}
