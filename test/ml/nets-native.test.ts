import {
  type CsrMatrix,
  csrMatrix,
  MLPClassifier,
  MLPRegressor,
  type MlpParams,
  RandomState,
  toDense,
} from '@jobloom/ml';
import { expect, test, vi } from 'vitest';

/** Rows that each have a few of many columns, so that most inputs are met now and then. */
function sparseRows(rows: number, cols: number, each: number): CsrMatrix {
  const random = new RandomState(4);
  const starts = Int32Array.from({ length: rows }, () => Math.floor(random.random() * cols));
  const indices = Int32Array.from(
    { length: rows * each },
    (_, i) => ((starts[Math.floor(i / each)] as number) + 13 * i) % cols,
  );
  for (let row = 0; row < rows; row += 1) indices.subarray(row * each, (row + 1) * each).sort();
  const data = Float64Array.from(indices, () => Math.ceil(random.random() * 3));
  const indptr = Int32Array.from({ length: rows + 1 }, (_, row) => row * each);
  return csrMatrix({ data, indices, indptr, rows, cols });
}

const X = sparseRows(70, 40, 3);
const y = Float64Array.from({ length: X.rows }, (_, row) => Math.sin(row));
const net = { hiddenUnits: [9, 4], batchSize: 8, nEpochs: 6, keepProb: 0.7, initScale: 1, randomState: 2 } as const;
const variants: Partial<MlpParams>[] = [
  { solver: 'adam', solverKwargs: { learningRate: 0.02 } },
  { solver: 'sgd', activation: 'tanh' },
  { solver: 'sgd', solverKwargs: { momentum: 0.8 }, activation: 'sigmoid' },
  { solver: 'sgd', solverKwargs: { momentum: 0.8, nesterov: true } },
  { solver: 'adagrad', activation: 'identity' },
  { solver: 'rmsprop', solverKwargs: { learningRate: 0.01 } },
];

const learned = ({ coefs_, intercepts_, lossCurve_, solverState_ }: MLPRegressor): unknown => [
  coefs_.map(({ data }) => data),
  intercepts_,
  lossCurve_,
  solverState_,
];

test.each(variants)('sparse rows, whose inputs lag behind, give the bits that dense rows give: %j', async (variant) => {
  const params = { ...net, ...variant, engine: 'native' } as const;
  const sparse = await new MLPRegressor(params).fit(X, y);
  expect(learned(sparse)).toEqual(learned(await new MLPRegressor(params).fit(toDense(X), y)));
  const looks: unknown[] = [];
  const monitored = await new MLPRegressor(params).fit(X, y, {
    monitor: (_, model) => {
      looks.push(model.coefs_[0]?.data[0]);
      return false;
    },
  });
  expect(learned(monitored)).toEqual(learned(sparse));
  expect(looks).toHaveLength(6);
});

test.each(variants)('nets are the same, bit for bit, without WebAssembly: %j', async (variant) => {
  const learn = () => new MLPRegressor({ ...net, ...variant, engine: 'native', nEpochs: 2 }).fit(X, y);
  const fast = await learn();
  vi.stubEnv('JOBLOOM_NUMERICS', 'plain');
  const plain = await learn();
  vi.unstubAllEnvs();
  expect(learned(plain)).toEqual(learned(fast));
});

test('classes and label sets are learned alike from sparse and dense rows', async () => {
  const params = { ...net, engine: 'native', nEpochs: 3 } as const;
  const classes = Array.from(y, (each) => (each > 0.5 ? 'high' : each > -0.5 ? 'middle' : 'low'));
  const sets = Array.from(y, (each) => [Number(each > 0), Number(each > 0.5)]);
  for (const labels of [classes, sets] as const) {
    const [sparse, dense] = await Promise.all(
      [X, toDense(X)].map((each) => new MLPClassifier<string | readonly number[]>(params).fit(each, labels)),
    );
    expect(sparse?.lossCurve_).toEqual(dense?.lossCurve_);
  }
});
