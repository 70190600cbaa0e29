// What it takes to capture functions, to encode values and to hash them.
//   npm run bench -- codec     about a minute on two cores
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { hash, prepareXxh128, Session } from '@jobloom/codec';
import { delayed, Parallel } from '@jobloom/parallel';
import { inTurn, inTurnAsync } from './codec/measure.ts';
import { joblibVersion } from './tiny-tasks/joblib.ts';
import { circumstances, median } from './tiny-tasks/report.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const at = (times: ReadonlyMap<string, number>, name: string): number => times.get(name) as number;
const rows: string[] = [];
const say = (what: string, ours: string, beside: string, ratio = ''): void => {
  console.error(what);
  rows.push(`| ${what} | ${ours} | ${beside} | ${ratio} |`);
};
const us = (ms: number): string => `${(1000 * ms).toPrecision(3)} us`;
const msText = (ms: number): string => `${ms.toPrecision(3)} ms`;
const times = (a: number, b: number): string => `${(a / b).toPrecision(3)}x`;

// functions
const firsts = Array.from({ length: 9 }, () =>
  Number(execFileSync(process.execPath, [file('codec/first-capture.mjs')], { encoding: 'utf8' })),
);
say('first capture in a process', msText(median(firsts)), '');

const makers = [
  (n: number) => (x: number) => x + n,
  (n: number) => (x: number) => x * n - 1,
  (n: number) => async (x: number) => [x, n],
];
let made = 0;
const fresh = (): ((x: number) => unknown) => {
  made += 1;
  return (makers[made % makers.length] as (n: number) => (x: number) => unknown)(made);
};
const session = new Session({ role: 'caller' });
say('a fresh closure, warm', us(at(inTurn({ capture: () => session.encode(fresh()) }, { calls: 200 }), 'capture')), '');

const config = { factor: 10, names: ['a', 'b'] };
const closure = (x: number): number => config.factor * x ** 2;
const bare = (x: number): number => 10 * x ** 2;
{
  const TRIPS = 500;
  const calls = (fn: (x: number) => number) => Array.from({ length: TRIPS }, () => delayed(fn)(1));
  await using runner = new Parallel({ backend: 'threads', nJobs: 1, batchSize: 1, preDispatch: 1 });
  const trips = await inTurnAsync(
    { bare: () => runner.run(calls(bare)), closure: () => runner.run(calls(closure)) },
    40,
  );
  const [own, plain] = [at(trips, 'closure') / TRIPS, at(trips, 'bare') / TRIPS];
  say(
    'a task of a closure, one by one on a thread',
    us(own),
    `of a function alone ${us(plain)}`,
    `${us(own - plain)} more`,
  );
  const single = await inTurnAsync(
    { bare: () => runner.run([delayed(bare)(1)]), closure: () => runner.run([delayed(closure)(1)]) },
    1000,
  );
  const [anew, known] = [at(single, 'closure'), at(single, 'bare')];
  say(
    'a call of one task, its closure captured anew',
    us(anew),
    `of a function alone ${us(known)}`,
    `${us(anew - known)} more`,
  );
}

const table = Float64Array.from({ length: 1024 }, (_, n) => n);
const scale = (x: number): number => x * 0.5;
const hot = (turns: number): number => {
  let sum = 0;
  for (let n = 0; n < turns; n += 1) sum += scale((table[n & 1023] as number) + config.factor);
  return sum;
};
const frame = new Session({ role: 'caller' }).encode(hot);
const worker = new Session({ role: 'worker' });
for (const code of frame.codes) worker.addCode(code, session.code(code));
const rebuilt = worker.decode(frame) as typeof hot;
if (rebuilt === hot || rebuilt(1000) !== hot(1000)) throw new Error('the rebuilt function is another one');
const loops = inTurn({ original: () => hot(2e7), rebuilt: () => rebuilt(2e7) });
say(
  'a hot loop over captured variables, rebuilt',
  msText(at(loops, 'rebuilt')),
  `the original ${msText(at(loops, 'original'))}`,
  times(at(loops, 'rebuilt'), at(loops, 'original')),
);

// values
const objects = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `n${id}`, score: id / 7, on: id % 2 === 0 }));
const encoded = new Session({ role: 'caller' }).encode(objects);
const bytes = serialize(objects);
const values = inTurn({
  encode: () => new Session({ role: 'caller' }).encode(objects),
  serialize: () => serialize(objects),
  captured: () => new Session({ role: 'caller' }).encode(() => objects),
  decode: () => new Session({ role: 'worker' }).decode(encoded),
  deserialize: () => deserialize(bytes),
});
for (const [ours, theirs] of [
  ['encode', 'serialize'],
  ['captured', 'serialize'],
  ['decode', 'deserialize'],
] as const)
  say(
    `100,000 plain objects: ${ours === 'captured' ? 'captured by a closure' : ours}`,
    msText(at(values, ours)),
    `v8.${theirs} ${msText(at(values, theirs))}`,
    times(at(values, ours), at(values, theirs)),
  );

// hashes
const small = { alpha: 0.5, name: 'lr', layers: [64, 32], early: true, seed: null };
const array = Float64Array.from({ length: 2 ** 23 }, (_, n) => n);
await prepareXxh128();
const python =
  joblibVersion() === undefined
    ? []
    : execFileSync('/usr/bin/python3', [file('codec/joblib_hash.py')], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map(Number);
const [pythonSmall, pythonArray] = python;
const shorts = inTurn(
  { ours: () => hash(small), json: () => createHash('sha256').update(JSON.stringify(small)).digest('hex') },
  { calls: 5000 },
);
const joblibSmall = pythonSmall === undefined ? '' : `, joblib ${pythonSmall.toPrecision(3)} us`;
say(
  'hash of a small config',
  us(at(shorts, 'ours')),
  `JSON and sha256, not canonical ${us(at(shorts, 'json'))}${joblibSmall}`,
  pythonSmall === undefined
    ? times(at(shorts, 'ours'), at(shorts, 'json'))
    : times(1000 * at(shorts, 'ours'), pythonSmall),
);
const large = inTurn(
  {
    ours: () => hash(array),
    sha256: () => createHash('sha256').update(array).digest('hex'),
    xxh128: () => hash(array, { algorithm: 'xxh128' }),
  },
  { rounds: 7 },
);
const speed = (ms: number): string => `${((array.byteLength / 1e6) * (1 / ms)).toPrecision(3)} GB/s`;
const joblibArray = pythonArray === undefined ? '' : `, joblib ${(pythonArray / 1000).toPrecision(3)} GB/s`;
say(
  'hash of 64 MB, sha256',
  speed(at(large, 'ours')),
  `bare sha256 ${speed(at(large, 'sha256'))}${joblibArray}`,
  times(at(large, 'sha256'), at(large, 'ours')),
);
say(
  'hash of 64 MB, xxh128',
  speed(at(large, 'xxh128')),
  `bare sha256 ${speed(at(large, 'sha256'))}${joblibArray}`,
  times(at(large, 'sha256'), at(large, 'xxh128')),
);

console.log(`${circumstances()}\n`);
console.log(['| what | jobloom | beside it | ratio |', '|---|---|---|---|', ...rows].join('\n'));
process.exit();
