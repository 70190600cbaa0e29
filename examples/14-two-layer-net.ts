// A net of two layers by hand, on TensorFlow.js: 1,000 rows of 100 random numbers, 10 hidden units, and 5,000 steps of 5
// rows each. There is nothing to learn in them, but a loss to bring down: in the talk from 42.4 to 0.976.
//   npm run example -- 14-two-layer-net loss.svg      also draws the loss
import { writeFileSync } from 'node:fs';
import { loadTensorflow, RandomState } from '@jobloom/ml';
import { svgPicture } from './shared/svg-picture.ts';

const [picture] = process.argv.slice(2);
const tf = await loadTensorflow();
const random = new RandomState(42);
const [rows, inputs, hidden, batch, steps] = [1000, 100, 10, 5, 5000];
const normal = (deviation: number, ...shape: number[]) =>
  tf.tensor(
    Float32Array.from(
      random.normal(
        0,
        deviation,
        shape.reduce((a, b) => a * b),
      ),
    ),
    shape,
  );

const [x, y] = [normal(1, rows, inputs), normal(1, rows, 1)];
const first = tf.tidy(() => tf.variable(normal(0.25, inputs, hidden)));
const second = tf.tidy(() => tf.variable(normal(1, hidden, 1)));
const optimizer = tf.train.sgd(0.001);
const lossOf = (from: number, count: number) =>
  tf.tidy(() => {
    const layer = tf.relu(tf.matMul(tf.slice(x, from, count), first));
    return tf.losses.meanSquaredError(tf.slice(y, from, count), tf.matMul(layer, second)).asScalar();
  });
const lossNow = () => tf.tidy(() => lossOf(0, rows).dataSync()[0] as number);

const curve: [step: number, loss: number][] = [[0, lossNow()]];
for (let step = 0; step < steps; step += 1) {
  optimizer.minimize(() => lossOf((step * batch) % rows, batch));
  if ((step + 1) % 50 === 0) curve.push([step + 1, lossNow()]);
}
const [[, start], [, end]] = [curve[0], curve.at(-1)] as [[number, number], [number, number]];
console.log(`loss ${start.toFixed(1)} -> ${end.toFixed(3)} in ${steps} steps`);
console.log(`engine: ${tf.getBackend()}`);
tf.dispose([x, y, first, second]);
optimizer.dispose();
console.log(`tensors left: ${tf.memory().numTensors}`);

if (picture !== undefined) {
  const svg = svgPicture('A two-layer net on random numbers: loss over steps', {
    xAxis: { type: 'value', name: 'step', nameLocation: 'middle', nameGap: 28, max: steps },
    yAxis: { type: 'log', name: 'loss', nameLocation: 'middle', nameGap: 40 },
    series: [{ type: 'line', showSymbol: false, data: curve.map(([step, loss]) => [step, Number(loss.toFixed(3))]) }],
  });
  writeFileSync(picture, svg);
}
