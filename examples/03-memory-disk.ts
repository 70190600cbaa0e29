// Results kept in a folder: computed once on two worker processes, read afterwards, also by the next run of this program.
//   npm run example -- 03-memory-disk ./cache      in a folder of yours, which stays; otherwise in a temporary one
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import { delayed, parallel } from '@jobloom/parallel';

const [given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), 'jobloom-example-'));
const memory = new Memory({ location: folder, limits: { bytes: '100M' } });

const isPrime = (n: number): boolean => {
  for (let factor = 2; factor * factor <= n; factor += 1) if (n % factor === 0) return false;
  return n > 1;
};
const countPrimes = memory.cache(
  function countPrimes(from: number, to: number, note = '') {
    let count = 0;
    for (let n = from; n < to; n += 1) if (isPrime(n)) count += 1;
    return { from, to, count, by: `${process.pid} ${note}` };
  },
  { ignore: ['note'], expiresAfter: '30d' },
);

const tasks = [0, 1, 2, 3].map((part) => delayed(countPrimes)(part * 250_000, (part + 1) * 250_000));
const first = await parallel(tasks, { backend: 'processes', nJobs: 2 });
console.log(`${first.reduce((sum, { count }) => sum + count, 0)} primes below a million`);

const again = await Promise.all([0, 1, 2, 3].map((part) => countPrimes(part * 250_000, (part + 1) * 250_000, 'again')));
console.log(
  `the same results, read here: ${JSON.stringify(again) === JSON.stringify(first)}, ${memory.stats().hits} hits`,
);

// A reference is small, however large the result is.
const reference = await countPrimes.callAndShelve(0, 250_000);
console.log(`a reference of ${JSON.stringify(reference).length} characters: ${(await reference.get()).count} primes`);

// The code is part of the key, helpers included: what changes is computed again, and what comes back is found again.
const explain = async (isOdd: (n: number) => boolean): Promise<string> => {
  const count = memory.cache((n: number) => Array.from({ length: n }, (_, at) => at).filter(isOdd).length, {
    name: 'count',
  });
  const { text } = await count.explain(10);
  await count(10);
  return text;
};
console.log(await explain((n) => n % 2 === 1));
console.log(await explain((n) => n % 2 === 1));
console.log(await explain((n) => (n & 1) === 1));

await memory.close();
if (given === undefined) rmSync(folder, { recursive: true });
