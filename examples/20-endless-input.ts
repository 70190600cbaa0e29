// Input without an end, results in order, memory bounded: no more than `preDispatch` tasks are read ahead.
import { delayed, Parallel } from '@jobloom/parallel';

const isPrime = (n: number): boolean => {
  for (let factor = 2; factor * factor <= n; factor += 1) if (n % factor === 0) return false;
  return n > 1;
};
const check = (n: number) => ({ n, prime: isPrime(n) });

let read = 0;
function* numbers() {
  for (let n = 1_000_000_000_000; ; n += 1) {
    read += 1;
    yield delayed(check)(n);
  }
}

await using runner = new Parallel({ nJobs: 2, preDispatch: '8*nJobs' });
const found: number[] = [];
let looked = 0;
for await (const { n, prime } of runner.stream(numbers())) {
  looked += 1;
  if (prime) found.push(n);
  if (found.length === 5) break; // leaving the loop ends the work, too
}
console.log(`the first primes after 10^12: ${found.join(', ')}`);
console.log(`looked at ${looked} numbers, read at most 16 ahead: ${read - looked <= 16}`);
