/** Milliseconds, and a figure that both sides must agree on within what seeds explain: an accuracy, a loss. */
export type Measured = readonly [ms: number, figure: number];

/** Models that are measured on the same data, here and in a Python script beside it. */
export interface Family {
  /**
   * What is measured, by name, and how many times scikit-learn's time is asked for. The script is given a name a line and
   * answers with [milliseconds, figure] as JSON; to 'version' with [0, scikit-learn's version].
   */
  readonly works: Readonly<Record<string, { readonly title: string; readonly asked?: number }>>;
  readonly script: URL;
  measure(work: string): Promise<Measured>;
}

/** How long a call takes, the mean of some, and what it gave last. */
export async function timed<T>(run: () => Promise<T>, times = 3): Promise<[number, T]> {
  let result: T | undefined;
  const start = performance.now();
  for (let i = 0; i < times; i += 1) result = await run();
  return [(performance.now() - start) / times, result as T];
}
