/** Something that sends one array to each of two workers and gets one back from each. */
export interface Runner {
  readonly name: string;
  /** Starts the workers. */
  open(): Promise<void>;
  /** Makes what one round needs; not measured. */
  prepare?(): void;
  /** One round: gives the milliseconds that it took. Throws when what came back is wrong. */
  round(): Promise<number>;
  close(): Promise<unknown>;
}

export const WORKERS = 2;

export function inputs(bytes: number): Float64Array<ArrayBuffer>[] {
  return Array.from({ length: WORKERS }, (_, worker) => new Float64Array(bytes / 8).fill(worker + 1));
}

/** Each worker adds 1 to the first number of its array and of a copy gives all back. */
export function check(results: readonly Float64Array[], bytes: number): void {
  for (const [worker, result] of results.entries()) {
    if (result.length !== bytes / 8 || result[0] !== worker + 2 || result.at(-1) !== worker + 1)
      throw new Error(`worker ${worker} gave ${result.length} numbers, first ${result[0]}, last ${result.at(-1)}`);
  }
}

export async function timed(
  run: () => PromiseLike<readonly Float64Array[]>,
  check: (results: readonly Float64Array[]) => void,
): Promise<number> {
  const start = performance.now();
  const results = await run();
  const ms = performance.now() - start;
  check(results);
  return ms;
}
