// Results kept in Redis. Four processes ask for one key at once: it is computed once, and three wait for it.
//   REDIS_URL=redis://localhost:6379 npm run example -- 05-memory-redis
import { Memory } from '@jobloom/memory';
import { delayed, parallel } from '@jobloom/parallel';
import { endWithout } from './shared/without.ts';

const url =
  process.env.REDIS_URL ?? endWithout('set REDIS_URL to a Redis that you may write to: redis://localhost:6379');

await using memory = new Memory({ location: `${url}?prefix=jobloom-example`, singleFlight: { ttl: '5s' } });
const slow = memory.cache(
  function slow(x: number) {
    for (const end = performance.now() + 500; performance.now() < end; ); // the lease is renewed all the same
    return { square: x ** 2, by: process.pid };
  },
  { expiresAfter: '1h', validate: ({ durationMs }) => durationMs > 100 },
);

const tasks = [1, 2, 3, 4].map(() => delayed(slow)(12));
const results = await parallel(tasks, { backend: 'processes', nJobs: 4, batchSize: 1 });
console.log(`144 from everyone: ${results.every(({ square }) => square === 144)}`);
console.log(`computed by ${new Set(results.map(({ by }) => by)).size} process`);

const reference = await slow.callAndShelve(12);
const square = async (shelved: typeof reference): Promise<number> => (await shelved.get()).square;
console.log(`a task reads it by its reference: ${await parallel([delayed(square)(reference)])}`);
console.log((await slow.explain(12)).reason);
console.log(`${await slow.clear()} entry removed; then: ${(await slow.explain(12)).reason}`);
await memory.clear();
