import { InputError } from '../base/errors.ts';
import type { DenseMatrix } from '../data/features.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import type { Dataset } from './load-digits.ts';

export interface MoonsOptions {
  readonly nSamples?: number;
  /** Standard deviation of the noise that is added. */
  readonly noise?: number | null;
  readonly shuffle?: boolean;
  readonly randomState?: number | RandomState | null;
}

/** Two interleaving half circles, and which of them each point is of; scikit-learn's for the same seed. */
export function makeMoons(options: MoonsOptions = {}): Dataset<DenseMatrix, Int32Array> {
  const { nSamples = 100, noise = null, shuffle = true, randomState = null } = options;
  if (!Number.isInteger(nSamples) || nSamples < 2)
    throw new InputError(`makeMoons needs nSamples from 2. Got ${nSamples}.`);
  const random = checkRandomState(randomState);
  const outer = Math.floor(nSamples / 2);
  const inner = nSamples - outer;
  const order = Int32Array.from({ length: nSamples }, (_, i) => i);
  if (shuffle) random.shuffle(order);
  const data = new Float64Array(2 * nSamples);
  const y = new Int32Array(nSamples);
  for (const [row, i] of order.entries()) {
    const isOuter = i < outer;
    const angle = isOuter ? angleOf(i, outer) : angleOf(i - outer, inner);
    data[2 * row] = isOuter ? Math.cos(angle) : 1 - Math.cos(angle);
    data[2 * row + 1] = isOuter ? Math.sin(angle) : 1 - Math.sin(angle) - 0.5;
    y[row] = isOuter ? 0 : 1;
  }
  if (noise !== null) {
    const shift = random.normal(0, noise, data.length);
    for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) + (shift[i] as number);
  }
  return { X: { data, rows: nSamples, cols: 2 }, y };
}

/** The i-th of `count` equal steps from 0 to pi. */
function angleOf(i: number, count: number): number {
  return count === 1 ? 0 : i * (Math.PI / (count - 1));
}
