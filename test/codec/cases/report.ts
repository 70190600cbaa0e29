import { appendFileSync } from 'node:fs';
import { type Case, type Origin, section } from './case.ts';
import { runCases } from './run-cases.ts';

/** Runs the cases and writes what became of each to a file, as JSON lines, and at the end how many there were. */
export async function report(
  format: Readonly<Record<string, Omit<Case, 'name'>>>,
  others: readonly string[],
  reason: string,
): Promise<void> {
  let count = 0;
  const print = (line: object): void => appendFileSync(process.env.CASES_OUT as string, `${JSON.stringify(line)}\n`);
  await runCases({
    origin: process.env.CASES_ORIGIN as Origin,
    format: section(
      'one module format',
      Object.entries(format).map(([name, each]) => ({ ...each, name })),
    ),
    other: { names: others, reason },
    only: process.env.CASES_ONLY ?? '',
    tell: (verdict) => {
      count += 1;
      print(verdict);
    },
  });
  print({ count, node: process.version });
}
