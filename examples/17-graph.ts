// A computation as a graph: recorded once, and run with new inputs afterwards. A formula of nine numbers with its
// derivatives, and a running sum.
import { add, div, grad, mul, sub, trace, type Value } from '@jobloom/ml/autodiff';

let calls = 0;
type V = Value;
const formula = (a: V, p: V, b: V, q: V, c: V, r: V, d: V, s: V, u: V): V => {
  calls += 1;
  return mul(div(mul(sub(add(mul(a, p), sub(b, q)), add(c, r)), d), s), u);
};

const graph = trace(formula);
console.log(graph(2, 3, 5, 1, 4, 2, 6, 3, 10)); // (2 * 3 + (5 - 1) - (4 + 2)) * 6 / 3 * 10
console.log(graph(1, 1, 1, 1, 1, 1, 1, 1, 1));
console.log(graph(0.5, 8, 2.5, 0.5, 1, 1, 3, 2, -1));
console.log(`recorded once, run 3 times: ${calls === 1 && graph.recordings === 1}`);
console.log(`${graph}`);

const slopes = trace<number[]>(grad(formula, [0, 1, 2, 3, 4, 5, 6, 7, 8]) as (...args: Value[]) => Value[]);
console.log(
  slopes(2, 3, 5, 1, 4, 2, 6, 3, 10)
    .map((slope) => Number(slope.toFixed(3)))
    .join(' '),
);
console.log(slopes(1, 1, 1, 1, 1, 1, 1, 1, 1).join(' '));
console.log(`differentiated once: ${slopes.recordings === 1}`);

const step = trace((total, x) => total.add(x));
let total = 0;
const sums = [1, 2, 3, 4, 5].map((x) => {
  total = step(total, x);
  return total;
});
console.log(`running sum of 1 to 5: ${sums.join(' ')}, recorded ${step.recordings} time`);
