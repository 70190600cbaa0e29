// What tasks cost on two daemons of this machine, beside a raw stream of grpc-js and dask.distributed.
//   npm run bench -- cluster               about a minute
//   npm run bench -- cluster 100000 3 threads
import { createGrpc } from '@jobloom/backends/grpc';
import { delayed, Parallel } from '@jobloom/parallel';
import { daskVersion, measureDask } from './cluster/dask.ts';
import { RawStreams } from './cluster/raw.ts';
import { startDaemon, startRaw } from './cluster/servers.ts';

const count = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 5);
const kind = process.argv[4] ?? 'threads';
const TRIPS = 500;
const BATCH = 100;

const daemons = [await startDaemon(kind), await startDaemon(kind)];
const servers = [await startRaw(), await startRaw()];
const raw = new RawStreams(servers.map(({ address }) => address));
const backend = createGrpc({ workers: daemons.map(({ address }) => address) });
const square = delayed((x: number) => 10 * x ** 2);
const size = delayed((bytes: Uint8Array) => bytes.byteLength);
const tasks = Array.from({ length: count }, (_, x) => square(x));
const few = tasks.slice(0, count / 5);
const sumOf = (n: number): number => (10 * (n - 1) * n * (2 * n - 1)) / 6;

const auto = new Parallel({ backend });
const hundreds = new Parallel({ backend, batchSize: BATCH });
const single = new Parallel({ backend, batchSize: 1 });

function expect(sum: number, n: number): void {
  if (Math.abs(sum / sumOf(n) - 1) > 1e-9) throw new Error(`a sum of ${sum} in the place of ${sumOf(n)}`);
}

const add = (sum: number, value: number): number => sum + value;

/** Each gives how many tasks it ran. */
const measurements: Readonly<Record<string, () => Promise<number>>> = {
  'a future each': async () => {
    const futures = tasks.map((task) => auto.submit(task));
    let sum = 0;
    for (const future of futures) sum += await future.get();
    expect(sum, count);
    return count;
  },
  run: async () => {
    expect((await auto.run(tasks)).reduce(add), count);
    return count;
  },
  'run, 100 a batch': async () => {
    expect((await hundreds.run(tasks)).reduce(add), count);
    return count;
  },
  'raw stream, 100 a message': async () => {
    expect(await raw.run(count, BATCH, 2), count);
    return count;
  },
  'run, unbatched': async () => {
    expect((await single.run(few)).reduce(add), few.length);
    return few.length;
  },
  'raw stream, one a message, as many under way': async () => {
    expect(await raw.run(few.length, 1, 2), few.length);
    return few.length;
  },
  'raw stream, one a message, 100 under way': async () => {
    expect(await raw.run(few.length, 1, 100), few.length);
    return few.length;
  },
};

const rates = new Map<string, number[]>(Object.keys(measurements).map((name) => [name, []]));
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, measure] of Object.entries(measurements)) {
    console.error(`round ${round} of ${rounds}: ${name}`);
    const start = performance.now();
    const n = await measure();
    if (round > 0) rates.get(name)?.push((1000 * n) / (performance.now() - start)); // the first warms up
  }
}

console.error('round trips, bulk');
async function trips(once: (x: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < TRIPS; at += 1) {
    const start = performance.now();
    await once(at);
    times.push(performance.now() - start);
  }
  return median(times);
}

const ourTrip = await trips((x) => auto.submit(square(x)).get());
const rawTrip = await trips(() => raw.run(1, 1, 1));

const one = createGrpc({ workers: [(daemons[0] as { address: string }).address] });
const bulk = new Parallel({ backend: one, nJobs: 1 });
await bulk.run([size(new Uint8Array(10))]);
const first: number[] = [];
const second: number[] = [];
const bare: number[] = [];
const megabytes = 64;
for (let round = 1; round <= rounds; round += 1) {
  const bytes = new Uint8Array(megabytes * 2 ** 20).fill(round);
  for (const times of [first, second]) {
    const start = performance.now();
    await bulk.run([size(bytes)]);
    times.push(performance.now() - start);
  }
  const start = performance.now();
  await raw.bulk(Buffer.from(bytes.buffer));
  bare.push(performance.now() - start);
}

const version = daskVersion();
const dask = version === undefined ? undefined : await measureDask();
const rate = (name: string): number => median(rates.get(name) as number[]);
const perSecond = (name: string): string => `${name.padEnd(46)}${Math.round(rate(name)).toLocaleString('en')} tasks/s`;
const ratio = (a: number, b: number): string => (a / b).toFixed(2);

console.log(`Node ${process.version}, two daemons with one of ${kind} each; median of ${rounds} rounds in turn\n`);
for (const name of rates.keys()) console.log(perSecond(name));
console.log(`
run : raw stream, 100 a message                ${ratio(rate('run, 100 a batch'), rate('raw stream, 100 a message'))}
unbatched : raw, as many under way             ${ratio(rate('run, unbatched'), rate('raw stream, one a message, as many under way'))}
unbatched : raw, 100 under way                 ${ratio(rate('run, unbatched'), rate('raw stream, one a message, 100 under way'))}
round trip p50                                 ${ourTrip.toFixed(3)} ms, raw ${rawTrip.toFixed(3)} ms: ${ratio(ourTrip, rawTrip)}
${megabytes} MiB argument                                ${median(first).toFixed(0)} ms (${((1048.576 * megabytes) / median(first)).toFixed(0)} MB/s), raw ${median(bare).toFixed(0)} ms: ${ratio(median(first), median(bare))}
the same again                                 ${median(second).toFixed(0)} ms`);
if (dask === undefined)
  console.log('dask.distributed                               skipped: not installed (Debian: python3-distributed)');
else
  console.log(`dask.distributed ${version}                     ${Math.round(dask.rate)} tasks/s, round trip ${dask.tripMs.toFixed(1)} ms
a future each : dask                           ${ratio(rate('a future each'), dask.rate)}
round trip : dask                              1/${ratio(dask.tripMs, ourTrip)}`);

raw.close();
await one.close();
await backend.close();
for (const { child } of [...daemons, ...servers]) child.kill();
process.exit();

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
