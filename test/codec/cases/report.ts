import { appendFileSync } from 'node:fs';
import type { Origin } from './case.ts';
import type { Program } from './run-cases.ts';

/** Runs cases and writes what became of each to a file, as JSON lines, and at the end how many there were. */
export async function report(run: (program: Program) => Promise<void>): Promise<void> {
  let count = 0;
  const print = (line: object): void => appendFileSync(process.env.CASES_OUT as string, `${JSON.stringify(line)}\n`);
  await run({
    origin: process.env.CASES_ORIGIN as Origin,
    only: process.env.CASES_ONLY ?? '',
    tell: (verdict) => {
      count += 1;
      print(verdict);
    },
  });
  print({ count, node: process.version });
}
