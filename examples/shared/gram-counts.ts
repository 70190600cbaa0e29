import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delayed, type Parallel, type Task } from '@jobloom/parallel';
import { strFromU8, unzipSync } from 'fflate';

const REVIEWS_PER_TASK = 20;
const lengths = [2, 3, 4, 5];
const buckets = 2 ** 18;

/** How often the character n-grams of some texts occur, by hash. */
const countGrams = (texts: string[]): Uint16Array => {
  const counts = new Uint16Array(buckets);
  for (const text of texts) {
    for (const length of lengths) {
      for (let end = length; end <= text.length; end += 1) {
        let hash = 0x811c9dc5;
        for (let at = end - length; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
        const bucket = (hash ^ (hash >>> 18)) & (buckets - 1);
        counts[bucket] = (counts[bucket] as number) + 1;
      }
    }
  }
  return counts;
};

/** Tasks that count the n-grams of so many movie reviews. */
export function gramTasks(reviews: number): Task<Uint16Array>[] {
  const archive = unzipSync(readFileSync(new URL('../data/movie_reviews.zip', import.meta.url)));
  const names = Object.keys(archive).filter((name) => name.endsWith('.txt'));
  const texts = names
    .sort()
    .slice(0, reviews)
    .map((name) => strFromU8(archive[name] as Uint8Array, true));
  return Array.from({ length: Math.ceil(texts.length / REVIEWS_PER_TASK) }, (_, task) =>
    delayed(countGrams)(texts.slice(task * REVIEWS_PER_TASK, (task + 1) * REVIEWS_PER_TASK)),
  );
}

/** Runs them; gives a line with the digest of what they counted together. */
export async function countWith(name: string, runner: Parallel, tasks: readonly Task<Uint16Array>[]): Promise<string> {
  const start = performance.now();
  const total = new Uint32Array(buckets);
  for await (const counts of runner.stream(tasks, { ordered: false }))
    for (let at = 0; at < buckets; at += 1) total[at] = (total[at] as number) + (counts[at] as number);
  const ms = performance.now() - start;
  return `${name} ${ms.toFixed(0)} ms sha256:${createHash('sha256').update(total).digest('hex')}`;
}
