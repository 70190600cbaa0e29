import { delayed, Parallel } from '@jobloom/parallel';
import { socketEcho, threadEcho } from './raw.ts';
import { median } from './report.ts';

/** One task on a warm pool beside a bare channel, in microseconds. */
export interface RoundTrip {
  readonly backend: string;
  readonly raw: string;
  /** So many trips of one, then so many of the other. */
  readonly block: number;
  readonly rawP50: number;
  readonly p50: number;
}

const TRIPS = 3000;
const task = (x: number): number => 10 * x ** 2;

/**
 * In turn: a virtual machine's core may be awake or not, and both must meet the same. Trip by trip every
 * process falls asleep after each; twenty at a time the one that is measured stays warm.
 */
export async function measureRoundTrips(): Promise<RoundTrip[]> {
  const measured: RoundTrip[] = [];
  for (const [backend, raw, open] of [
    ['threads', 'postMessage', threadEcho],
    ['processes', 'local socket', socketEcho],
  ] as const) {
    const echo = await open();
    await using runner = new Parallel({ backend, nJobs: 1 });
    const ours = (): Promise<unknown> => runner.run([delayed(task)(1)]);
    await timed(TRIPS / 5, [], ours); // warming up
    for (const block of [1, 20]) {
      const bare: number[] = [];
      const whole: number[] = [];
      for (let trip = 0; trip < TRIPS; trip += block) {
        await timed(block, bare, () => echo.ping());
        await timed(block, whole, ours);
      }
      measured.push({ backend, raw, block, rawP50: median(bare), p50: median(whole) });
    }
    await echo.close();
  }
  return measured;
}

async function timed(trips: number, into: number[], trip: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < trips; at += 1) {
    const start = performance.now();
    await trip();
    into.push(1000 * (performance.now() - start));
  }
}
