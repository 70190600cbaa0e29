// Results kept in S3, for any host: computed once on threads, then read from the bucket, or from a folder in front of it.
//   AWS_ENDPOINT_URL=http://localhost:7480 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… npm run example -- 04-memory-s3 BUCKET
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import { delayed, parallel } from '@jobloom/parallel';
import { endWithout } from './shared/without.ts';

const bucket =
  process.argv[2] ?? endWithout('name a bucket that you may write to: npm run example -- 04-memory-s3 BUCKET');
const location = `s3://${bucket}/jobloom-example`;

const rate = 0.05;
const grow = (years: number): Float64Array => {
  const values = new Float64Array(20_000).fill(1);
  for (let year = 0; year < years; year += 1)
    for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) * (1 + rate);
  return values;
};

await using memory = new Memory({ location, compress: true });
const grown = memory.cache(grow);
await parallel(
  [10, 20, 30].map((years) => delayed(grown)(years)),
  { nJobs: 2 },
);
const values = await grown(20);
console.log(`after 20 years: ${values[0]?.toFixed(3)}; read from the bucket: ${memory.stats().hits === 1}`);

// A folder in front of the bucket: what was read once is near.
const folder = mkdtempSync(join(tmpdir(), 'jobloom-example-'));
{
  await using tiers = new Memory({ location: [folder, location] });
  const near = tiers.cache(grow);
  await near(30);
  await near(30);
  console.log(`through a folder: ${tiers.stats().hits} hits, ${tiers.stats().misses} misses`);
}
{
  await using alone = new Memory({ location: folder });
  console.log(`and the folder alone has it: ${await alone.cache(grow).checkCallInCache(30)}`);
}
rmSync(folder, { recursive: true });
console.log(`${await memory.clear()} entries removed`);
