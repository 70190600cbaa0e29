import type { Outcomes } from '../../backend.ts';
import type { Batch } from '../../batch.ts';
import { activeTracing } from '../../task/tracing.ts';

/** Sends a batch within a span of its own, where the program records spans; the daemon's goes below it. */
export function traced(batch: Batch, send: () => Promise<Outcomes>): Promise<Outcomes> {
  const { length, firstIndex, attempt } = batch;
  const span = activeTracing()?.client({
    'jobloom.tasks': length,
    'jobloom.first': firstIndex,
    'jobloom.attempt': attempt,
  });
  if (span === undefined) return send();
  batch.trace = span.context;
  return send().then(
    (outcomes) => {
      span.end(firstFault(outcomes));
      return outcomes;
    },
    (error) => {
      span.end(error);
      throw error;
    },
  );
}

/** The error of the first task that has no result. */
function firstFault(outcomes: Outcomes): unknown {
  if (outcomes.all === 'done') return undefined;
  for (const outcome of outcomes.each) if (outcome.status !== 'done') return outcome.error;
  return undefined;
}
