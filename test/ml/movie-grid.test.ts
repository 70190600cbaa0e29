import {
  type Backend,
  type Batch,
  effectiveNJobs,
  parallelBackend,
  registerParallelBackend,
  runEncoded,
} from '@jobloom/parallel';
import { expect, test } from 'vitest';
import { movieGrid, QUICK, splitScores } from '../../examples/shared/movie-grid.ts';

/** Ships each batch as bytes, runs it, and counts its tasks. */
class CountingBackend implements Backend {
  readonly name = 'counting';
  readonly capabilities = { killsWorker: false, sharedMemory: false, isolated: true, remote: true };
  readonly effectiveNJobs = effectiveNJobs;
  tasks = 0;
  async submit(batch: Batch): ReturnType<Backend['submit']> {
    this.tasks += batch.length;
    return batch.decode(await runEncoded(await batch.encode()));
  }
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

test('film reviews on a backend of one’s own: all candidates x folds go through it, and one vectorizer a fold', async () => {
  const backend = new CountingBackend();
  registerParallelBackend('counting', () => backend);
  const there = movieGrid(QUICK);
  await parallelBackend('counting', { nJobs: 2 }, there.fit);
  const [candidates, folds, refits] = [QUICK.C.length, 3, 1];
  expect(backend.tasks).toBe(candidates * folds + folds + refits);
  const here = movieGrid(QUICK);
  await here.fit();
  expect(splitScores(there.search)).toEqual(splitScores(here.search));
  expect(there.search.bestParams_).toEqual({ lr__C: 0.001 });
  expect(await there.testScore()).toBe(await here.testScore());
  expect((await here.testScore()).toFixed(4)).toBe('0.7841');
});
