import { fileURLToPath } from 'node:url';
import { CountVectorizer, loadMovieReviews, take } from '@jobloom/ml';
import { chooseEngine } from '../../packages/ml/src/nets/choose-engine.ts';
import type { Batch, NetSpec } from '../../packages/ml/src/nets/engine.ts';
import { initialState } from '../../packages/ml/src/nets/initial-state.ts';
import { inFloats } from '../../packages/ml/src/nets/train.ts';
import { RandomState } from '../../packages/ml/src/random/random-state.ts';
import { median } from '../tiny-tasks/report.ts';

const BATCH = 64;
const FEATURES = 50_000;

/** Milliseconds of a step of the movie net, on the native engine and on TensorFlow.js' wasm, in turn on the same rows. */
export async function movieSteps(rounds: number): Promise<[native: number, wasm: number]> {
  const reviews = fileURLToPath(new URL('../../examples/data/movie_reviews.zip', import.meta.url));
  const { X: documents, y } = loadMovieReviews(reviews);
  const vectorizer = new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5], maxFeatures: FEATURES });
  const counts = await vectorizer.fitTransform(documents);
  const order = new RandomState(0).permutation(counts.rows);
  const batches = Array.from({ length: rounds + 2 }, (_, k): Batch => {
    const rows = order.subarray(k * BATCH, (k + 1) * BATCH);
    const targets = Float32Array.from(rows, (row) => Number(y[row]));
    return { X: inFloats(take(counts, rows)), targets, weights: undefined, masks: [] };
  });
  const solver = { name: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const spec: NetSpec = { sizes: [FEATURES, 256, 1], activation: 'relu', output: 'sigmoid', solver };
  const start = initialState(spec, 0.1, new RandomState(1));
  const nets = [];
  for (const name of ['native', 'wasm'] as const) nets.push(await (await chooseEngine(name)).engine.open(spec, start));
  const times: number[][] = [[], []];
  const losses: number[][] = [[], []];
  for (const [k, batch] of batches.entries()) {
    for (const [which, net] of nets.entries()) {
      const from = performance.now();
      await net.step(batch);
      const loss = await net.takeLoss();
      if (k > 1) times[which]?.push(performance.now() - from);
      losses[which]?.push(loss / BATCH);
    }
  }
  for (const net of nets) net.close();
  console.error(`losses: ${losses.map((each) => each.map((loss) => loss.toFixed(4)).join(' ')).join('; ')}`);
  return [median(times[0] as number[]), median(times[1] as number[])];
}
