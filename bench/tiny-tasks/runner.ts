/** Something that runs `x => 10 * x ** 2` on two workers. */
export interface Runner {
  readonly name: string;
  /** Part of the calls that it gets, so that slow ones do not take all day; 1 where it is left out. */
  readonly share?: number;
  /** Starts the workers. */
  open(): Promise<void>;
  /** Calls the function on 0 .. n-1 in the workers; gives the sum of the results. */
  run(n: number): Promise<number>;
  close(): Promise<unknown>;
}

export const WORKERS = 2;

/** What every runner's `run(n)` must give. */
export function expectedSum(n: number): number {
  let sum = 0;
  for (let x = 0; x < n; x += 1) sum += 10 * x ** 2;
  return sum;
}

/** No more calls than this are under way at once: every peer here is slower with all of them queued. */
const WINDOW = 1000;

/** Calls `one` on 0 .. n-1, with a window of calls under way. */
export async function windowed(n: number, one: (x: number) => PromiseLike<unknown>): Promise<number> {
  let next = 0;
  let sum = 0;
  const lane = async (): Promise<void> => {
    while (next < n) {
      const result = (await one(next++)) as number;
      sum += result;
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  return sum;
}

export function workerFile(name: string): URL {
  return new URL(`workers/${name}`, import.meta.url);
}
