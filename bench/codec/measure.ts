import { median } from '../tiny-tasks/report.ts';

/** Median milliseconds of a call, by name, measured in turn. */
export function inTurn(
  runs: Readonly<Record<string, () => unknown>>,
  { rounds = 15, calls = 1 }: { readonly rounds?: number; readonly calls?: number } = {},
): ReadonlyMap<string, number> {
  const times = new Map<string, number[]>();
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      for (let call = 0; call < calls; call += 1) run();
      const ms = (performance.now() - start) / calls;
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), ms]); // the first two warm up
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

/** The same for what is waited for. */
export async function inTurnAsync(
  runs: Readonly<Record<string, () => PromiseLike<unknown>>>,
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]));
  for (let round = -Math.ceil(rounds / 10); round < rounds; round += 1) {
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}
