import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';

/** Hits among 1,000 and among 1,000,000 entries, and what opening the store takes. */
export async function million(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'million-'));
  const f = (x: number) => x + 1;
  const hits = async (): Promise<void> => {
    const start = performance.now();
    const memory = new Memory({ location: folder });
    const cached = memory.cache(f, { name: 'f', singleFlight: false });
    await cached(0);
    const opened = performance.now();
    for (let at = 0; at < 1_000; at += 1) await cached(at);
    const done = performance.now();
    await memory.close();
    console.log(`opened and hit in ${(opened - start).toFixed(1)} ms, then ${(done - opened).toFixed(1)} us a hit`);
  };
  let made = 0;
  for (const count of [1_000, 1_000_000]) {
    const memory = new Memory({ location: folder, singleFlight: false });
    const cached = memory.cache(f, { name: 'f' });
    for (; made < count; made += 1) await cached(made);
    await memory.close();
    console.log(`${count} entries:`);
    await hits();
    await hits();
  }
  rmSync(folder, { recursive: true });
}
