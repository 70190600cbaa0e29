// A logistic regression in a dozen lines, its gradient by automatic differentiation: 100 steps of gradient descent on
// two moons. Before that, what differentiation does to z = x1 x2 + sin x1, value by value, in both of its modes.
//   npm run example -- 12-moons moons.svg      also draws the picture
import { writeFileSync } from 'node:fs';
import { makeMoons } from '@jobloom/ml';
import {
  add,
  type DerivativeStep,
  forwardSteps,
  grad,
  log,
  matmul,
  mul,
  neg,
  reverseSteps,
  sin,
  sub,
  sum,
  tanh,
  trace,
  type Value,
  valueAndGrad,
} from '@jobloom/ml/autodiff';
import { moonsPicture } from './shared/moons-picture.ts';

const [picture] = process.argv.slice(2);
const table = (steps: readonly DerivativeStep[]): void => {
  for (const { name, formula, value, derivative } of steps)
    console.log(`  ${name}  ${formula.padEnd(11)} ${Number(value).toFixed(4)}  ${Number(derivative).toFixed(4)}`);
};

const z = (x1: Value, x2: Value): Value => add(mul(x1, x2), sin(x1));
console.log('z = x1 x2 + sin x1 at (2, 3), forward: how fast each value changes with x1');
table(forwardSteps(z, [2, 3], [1, 0]));
console.log('and with x2');
table(forwardSteps(z, [2, 3], [0, 1]));
console.log('reverse: how fast z changes with each value');
table(reverseSteps(z, [2, 3]));
const [byX1, byX2] = grad(z, [0, 1])(2, 3) as [number, number];
console.log(`dz/dx1 = x2 + cos x1: ${byX1 === 3 + Math.cos(2)}, dz/dx2 = x1: ${byX2 === 2}`);

const { X, y } = makeMoons({ nSamples: 500, noise: 0.1, randomState: 0 });
const loss = (weights: Value): Value => {
  const chances = mul(0.5, add(tanh(matmul(X, weights)), 1));
  const ofLabels = add(mul(chances, y), mul(sub(1, chances), sub(1, y)));
  return neg(sum(log(ofLabels)));
};

const lossAndGradient = trace(valueAndGrad(loss)); // recorded once, run 100 times
let weights = Float64Array.of(1, 1);
const losses: number[] = [];
for (let step = 1; step <= 100; step += 1) {
  const [value, gradient] = lossAndGradient(weights);
  losses.push(value);
  if (step < 100) weights = weights.map((weight, at) => weight - 0.001 * (gradient[at] as number));
}
console.log(`loss ${losses[0]?.toFixed(4)} -> ${losses[99]?.toFixed(4)}`);
console.log(`weights ${Array.from(weights, (weight) => weight.toFixed(5)).join(', ')}`);

if (picture !== undefined) {
  const points = Array.from({ length: X.rows }, (_, row) => [X.data[2 * row], X.data[2 * row + 1]] as [number, number]);
  const classes = [0, 1].map((label) => points.filter((_, row) => y[row] === label));
  writeFileSync(picture, moonsPicture({ classes, weights: [weights[0] as number, weights[1] as number], losses }));
}
