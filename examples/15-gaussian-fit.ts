// A normal distribution fitted to 100,000 numbers by the likelihood that they have: the sum of their negative
// log-likelihoods, minimized over mu and sigma. With the gradient by automatic differentiation, and without one.
//   npm run example -- 15-gaussian-fit fit.svg      also draws the picture
import { writeFileSync } from 'node:fs';
import { RandomState } from '@jobloom/ml';
import {
  add,
  div,
  log,
  type MinimizeResult,
  minimize,
  mul,
  pow,
  sub,
  sum,
  trace,
  type Value,
  valueAndGrad,
} from '@jobloom/ml/autodiff';
import { densityPicture } from './shared/density-picture.ts';

const [picture] = process.argv.slice(2);
const sample = new RandomState(42).normal(1, 2, 100_000);

const nll = (p: Value): Value => {
  const [mu, sigma] = [p.at(0), p.at(1)];
  const halfSquares = div(sum(pow(div(sub(sample, mu), sigma), 2)), 2);
  return add(halfSquares, mul(sample.length, add(log(sigma), Math.log(2 * Math.PI) / 2)));
};

const [value, gradient] = valueAndGrad(nll)([0.5, 0.5]);
console.log(`at (.5, .5): nll ${value.toFixed(4)}, gradient ${row(gradient, 4)}`);

const values = trace(nll);
const valuesAndGradients = trace(valueAndGrad(nll));
const start = [0.5, 1];
const fits: [string, MinimizeResult][] = [
  ['bfgs, with gradients', minimize(valuesAndGradients, start, { gradient: true })],
  ['l-bfgs, with gradients', minimize(valuesAndGradients, start, { method: 'l-bfgs', gradient: true })],
  ['bfgs, without', minimize(values, start)],
  ['nelder-mead', minimize(values, start, { method: 'nelder-mead' })],
];
for (const [name, { x, fun, nit, nfev, success }] of fits)
  console.log(`${name}: ${row(x, 5)}, nll ${fun.toFixed(3)}, ${nit} iterations, ${nfev} evaluations, ${success}`);

const mean = sample.reduce((total, x) => total + x, 0) / sample.length;
const deviation = Math.sqrt(sample.reduce((total, x) => total + (x - mean) ** 2, 0) / sample.length);
console.log(`mean and deviation of the sample: ${row([mean, deviation], 5)}`);
console.log(`recorded ${values.recordings} time, differentiated ${valuesAndGradients.recordings} time`);

if (picture !== undefined) {
  const [mu, sigma] = (fits[0] as (typeof fits)[number])[1].x as unknown as [number, number];
  const density = (x: number): number => Math.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
  writeFileSync(picture, densityPicture('A normal fitted to 100,000 numbers', sample, density, [-7, 9]));
}

function row(numbers: ArrayLike<number>, digits: number): string {
  return Array.from(numbers, (each) => each.toFixed(digits)).join(' ');
}
