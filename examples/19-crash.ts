// One task of 1,000 kills its own worker. It alone is lost; the others give their results, and the next call works.
import { delayed, Parallel } from '@jobloom/parallel';

const square = (x: number): number => {
  if (x === 500) process.exit(3);
  return x ** 2;
};

await using runner = new Parallel({ backend: 'processes', nJobs: 2 });
const outcomes = await runner.settle(Array.from({ length: 1000 }, (_, x) => delayed(square)(x)));

console.log(`${outcomes.filter(({ status }) => status === 'fulfilled').length} fulfilled`);
for (const outcome of outcomes)
  if (outcome.status === 'rejected') console.log(`${outcome.reason.name}: ${outcome.reason.message}`);
console.log(`the next call gives ${await runner.run([delayed(square)(12)])}`);
