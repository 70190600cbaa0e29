import { delayed, Parallel } from '@jobloom/parallel';
import { socketEcho, threadEcho } from './raw.ts';
import { median } from './report.ts';

/** One task on a warm pool beside a bare channel, in microseconds. */
export interface RoundTrip {
  readonly backend: string;
  readonly raw: string;
  readonly rawP50: number;
  readonly p50: number;
}

const TRIPS = 3000;
const task = (x: number): number => 10 * x ** 2;

/** In turn, trip by trip: a virtual machine's core may be awake or not, and both must meet the same. */
export async function measureRoundTrips(): Promise<RoundTrip[]> {
  const measured: RoundTrip[] = [];
  for (const [backend, raw, open] of [
    ['threads', 'postMessage', threadEcho],
    ['processes', 'local socket', socketEcho],
  ] as const) {
    const echo = await open();
    await using runner = new Parallel({ backend, nJobs: 1 });
    const bare: number[] = [];
    const ours: number[] = [];
    for (let trip = -TRIPS / 5; trip < TRIPS; trip += 1) {
      const start = performance.now();
      await echo.ping();
      const between = performance.now();
      await runner.run([delayed(task)(1)]);
      const end = performance.now();
      if (trip < 0) continue; // warming up
      bare.push(1000 * (between - start));
      ours.push(1000 * (end - between));
    }
    await echo.close();
    measured.push({ backend, raw, rawP50: median(bare), p50: median(ours) });
  }
  return measured;
}
