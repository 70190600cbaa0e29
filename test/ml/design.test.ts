import { readFileSync } from 'node:fs';
import { CountVectorizer, type CsrMatrix, loadDigits, RandomState, toCsr } from '@jobloom/ml';
import { expect, test } from 'vitest';
import { CompiledCsrDesign } from '../../packages/ml/src/linear/compiled-csr-design.ts';
import { CsrDesign } from '../../packages/ml/src/linear/csr-design.ts';
import { type Design, designOf, type PreparedDesign, preparedDesignOf } from '../../packages/ml/src/linear/design.ts';

const random = new RandomState(0);
const vector = (length: number): Float64Array => random.rand(length).map((each) => each - 0.5);
const text = readFileSync(new URL('design.test.ts', import.meta.url), 'utf8').split('\n');
const counts = await new CountVectorizer({ analyzer: 'char', ngramRange: [1, 3] }).fitTransform(text);
const doubles: CsrMatrix = { ...counts, data: Float64Array.from(counts.data, (count) => Math.log1p(count)) };

test.each([
  ['floats', counts],
  ['doubles', doubles],
])('products by WebAssembly are those of JavaScript, bit for bit: %s', (_, X) => {
  const both = [new CompiledCsrDesign(X, 3), new CsrDesign(X)];
  const stride = X.cols + 1;
  const [weights, factors] = [vector(3 * stride), vector(3 * X.rows)];
  const results = both.map((design: Design) => {
    const scores = new Float64Array(3 * X.rows);
    design.times(weights, 3, stride, scores);
    const sums = weights.slice();
    design.addTransposed(factors, 3, stride, sums);
    const gram = weights.slice(0, stride);
    design.addGram(weights.subarray(0, stride), factors.subarray(0, X.rows), 0.5, gram);
    const unbiased = weights.slice(0, X.cols);
    design.addGram(weights.subarray(0, X.cols), factors.subarray(0, X.rows), 0, unbiased);
    return [scores, sums, gram, unbiased];
  });
  expect(results[0]).toEqual(results[1]);
});

test.each([0, 2])(
  'dense rows times their products: by WebAssembly the same, and as of sparse ones, with bias %d',
  (bias) => {
    const { X } = loadDigits();
    const rows = 101; // not a multiple of four
    const dense = { ...X, data: X.data.slice(0, rows * X.cols), rows };
    const size = X.cols + (bias === 0 ? 0 : 1);
    const [v, factors] = [vector(size), vector(rows)];
    const prepared = preparedDesignOf(dense, 1) as PreparedDesign;
    const designs = [designOf(dense), prepared, designOf(toCsr(dense))];
    const [byFour, compiled, sparse] = designs.map((design) => {
      const out = new Float64Array(size);
      design.addGram(v, factors, bias, out);
      return out;
    }) as [Float64Array, Float64Array, Float64Array];
    expect(compiled).toEqual(byFour);
    for (let j = 0; j < size; j += 1) expect(byFour[j]).toBeCloseTo(sparse[j] as number, 7);
  },
);
