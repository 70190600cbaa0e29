import type { ProgressEvent } from './progress-event.ts';

/** A call in one line, for logs: `[Parallel(nJobs=2)] 3 of 9 done, 1 failed in 1.5 s, about 3.0 s left`. */
export function progressLine({ done, failed, total, elapsedMs, etaMs, workers }: ProgressEvent): string {
  const left = etaMs === undefined || done === total ? '' : `, about ${span(etaMs)} left`;
  const failures = failed > 0 ? `, ${failed} failed` : '';
  return `[Parallel(nJobs=${workers})] ${counted(done, total)} done${failures} in ${span(elapsedMs)}${left}`;
}

/** What stands behind the bar: `3 of 9, 2.0/s, about 3.0 s left, 2 workers, 1 failed`, the failures last. */
export function barText(event: ProgressEvent): { readonly text: string; readonly failures: string } {
  const { done, failed, total, rate, etaMs, elapsedMs, workers } = event;
  const parts = [
    counted(done, total),
    `${perSecond(rate)}/s`,
    etaMs === undefined ? span(elapsedMs) : `about ${span(etaMs)} left`,
    `${workers} ${workers === 1 ? 'worker' : 'workers'}`,
  ];
  return { text: parts.join(', '), failures: failed > 0 ? `${failed} failed` : '' };
}

/** Several calls as one: what they did together. */
export function together(events: readonly ProgressEvent[]): ProgressEvent {
  const sum = (read: (event: ProgressEvent) => number): number => events.reduce((all, one) => all + read(one), 0);
  const known = events.every(({ total }) => total !== undefined);
  const etas = events.map(({ etaMs }) => etaMs);
  return {
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    underway: sum(({ underway }) => underway),
    total: known ? sum(({ total }) => total ?? 0) : undefined,
    rate: sum(({ rate }) => rate),
    etaMs: etas.includes(undefined) ? undefined : Math.max(...(etas as number[])),
    workers: Math.max(...events.map(({ workers }) => workers)),
    elapsedMs: Math.max(...events.map(({ elapsedMs }) => elapsedMs)),
  };
}

function counted(done: number, total: number | undefined): string {
  return total === undefined ? `${done}` : `${done} of ${total}`;
}

function perSecond(rate: number): string {
  return rate < 100 ? rate.toFixed(1) : rate.toFixed(0);
}

/** `0.4 s`, `59.9 s`, `1 min 5 s`, `2 h 3 min`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
