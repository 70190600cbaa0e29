import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Outcomes } from '@jobloom/backends';

/** Milliseconds, spread. */
export interface Spread {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What a runner has done so far. */
export interface RunnerStats {
  /** Tasks with an outcome, every attempt counted. */
  readonly tasks: number;
  /** Of these, those that failed, were lost, timed out or were cancelled. */
  readonly failed: number;
  readonly batches: number;
  /** Milliseconds a task took in its worker; tasks of one batch count with their mean. Zeros before the first. */
  readonly run: Spread;
  /** Milliseconds between the batch's way to the backend and back in which no task of it ran: the way, and the queue. */
  readonly wait: Spread;
}

/** Counts what a runner's batches took. Histograms are kept in microseconds. */
export class Stats {
  #run: RecordableHistogram | undefined;
  #wait: RecordableHistogram | undefined;
  #tasks = 0;
  #failed = 0;
  #batches = 0;

  /** @param tookMs from the batch's leave to its return */
  batch(outcomes: Outcomes, tookMs: number): void {
    this.#batches += 1;
    let ran = 0;
    if (outcomes.all === 'done') {
      const { length } = outcomes.values;
      this.#tasks += length;
      ran = outcomes.timing.ms * length;
      if (length > 0) this.#record('run', outcomes.timing.ms);
    } else {
      this.#tasks += outcomes.each.length;
      for (const { status, timing } of outcomes.each) {
        if (status !== 'done') this.#failed += 1;
        ran += timing.ms;
        if (status === 'done' || status === 'failed') this.#record('run', timing.ms);
      }
    }
    this.#record('wait', Math.max(0, tookMs - ran));
  }

  snapshot(): RunnerStats {
    return {
      tasks: this.#tasks,
      failed: this.#failed,
      batches: this.#batches,
      run: spread(this.#run),
      wait: spread(this.#wait),
    };
  }

  #record(which: 'run' | 'wait', ms: number): void {
    let histogram = which === 'run' ? this.#run : this.#wait;
    if (histogram === undefined) {
      histogram = createHistogram();
      if (which === 'run') this.#run = histogram;
      else this.#wait = histogram;
    }
    histogram.record(Math.max(1, Math.round(ms * 1000)));
  }
}

function spread(histogram: RecordableHistogram | undefined): Spread {
  if (histogram === undefined || histogram.count === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  const at = (percentile: number): number => histogram.percentile(percentile) / 1000;
  return {
    min: histogram.min / 1000,
    mean: histogram.mean / 1000,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    max: histogram.max / 1000,
  };
}
