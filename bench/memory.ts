// Memory beside joblib.Memory, in turn, on one disk: what a call costs, hashes, 64 MB, eviction; and counts of runs.
//   npm run bench -- memory                      about two minutes on two cores
//   npm run bench -- memory /folder 3 2000       in a folder, 3 rounds, 2,000 calls a round, reduceSize over 2,000 entries
//   npm run bench -- memory million              1,000,000 entries: opened and hit; some minutes
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joblibMemory } from './memory/joblib.ts';
import { million } from './memory/million.ts';
import { ourMemory } from './memory/ours.ts';
import type { Subject } from './memory/subject.ts';
import { joblibVersion } from './tiny-tasks/joblib.ts';
import { circumstances, median } from './tiny-tasks/report.ts';

const [place = tmpdir(), rounds = '5', calls = '2000'] = process.argv.slice(2);
if (place === 'million') {
  await million();
  process.exit();
}
const folder = mkdtempSync(join(place, 'memory-bench-'));
if (joblibVersion() === undefined)
  throw new Error('it takes /usr/bin/python3 with joblib and numpy (Debian: python3-joblib)');

const subjects: readonly [Subject, Subject] = [ourMemory(folder), joblibMemory(folder)];
const times = new Map<string, [number[], number[]]>();
const note = (name: string, who: number, value: number): void => {
  const both = times.get(name) ?? [[], []];
  both[who]?.push(value);
  times.set(name, both);
};

for (let round = 1; round <= Number(rounds); round += 1) {
  for (const [who, subject] of subjects.entries()) {
    console.error(`round ${round} of ${rounds}: ${subject.name}`);
    const [miss, hit] = await subject.calls(Number(calls));
    note('hit, small, us', who, hit);
    note('miss, small, us', who, miss);
    const [small, large] = await subject.hashes(Number(calls));
    note('hash of a small config, us', who, small);
    note('hash of 64 MB, ms', who, large / 1e3);
    const [store, fresh, value, into = fresh, safe = store] = await subject.arrays(round);
    if (value !== round) throw new Error(`${subject.name} gave ${value} instead of ${round}`);
    note('store 64 MB, ms', who, store / 1e3);
    note('store 64 MB, ours with fsync, ms', who, safe / 1e3);
    note('hit of 64 MB into fresh memory, ms', who, fresh / 1e3);
    note('hit of 64 MB, ours into memory that is there, ms', who, into / 1e3);
  }
}
const entries = process.argv.length > 4 ? 2_000 : 20_000;
for (const [who, subject] of subjects.entries()) {
  console.error(`reduceSize over ${entries} entries: ${subject.name}`);
  const [time, bytes] = await subject.reduce(entries);
  note(`reduceSize over ${entries} entries, us an entry`, who, time);
  note('disk, bytes a tiny entry', who, bytes);
}

console.log(`${circumstances()}\nmedian of ${rounds} rounds in turn, ${calls} calls a round\n`);
console.log('| | jobloom | joblib | ratio |\n|---|---|---|---|');
for (const [name, [ours, theirs]] of times) {
  const [a, b] = [median(ours), median(theirs)];
  console.log(`| ${name} | ${a.toFixed(2)} | ${b.toFixed(2)} | ${(a / b).toFixed(3)}x |`);
}
const [own, theirs] = [await subjects[0].counts(), await subjects[1].counts()];
const names = [
  'runs of a cold key that 4 processes ask for',
  'runs of code A, B, A, B, A',
  'changed helper noticed',
  'flipped bit noticed',
];
console.log('\n| | jobloom | joblib |\n|---|---|---|');
for (const [at, name] of names.entries()) console.log(`| ${name} | ${own[at]} | ${theirs[at]} |`);
for (const subject of subjects) await subject.close();
rmSync(folder, { recursive: true });
