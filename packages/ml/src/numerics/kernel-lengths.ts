import type { Kernels } from './kernels.ts';

/** From the leading numbers of a call, the least length of each array among its arguments, null ones counted too. */
type Lengths = (a: number, b: number, c: number) => readonly number[];

const product: Lengths = (m, n, k) => [m * k, k * n, m * n];
const elements: Lengths = (n) => [n, n];
const loss: Lengths = (rows, columns) => [rows * columns, rows * columns, rows];

/** What each kernel reads and writes at least. Of parameters and sparse matrices: as far as counts alone tell. */
export const LENGTHS: Readonly<Record<keyof Kernels<Float64Array>, Lengths>> = {
  gemmNN: product,
  gemmTN: product,
  gemmNT: product,
  gemv: (rows, columns) => [rows * columns, columns, rows],
  dot: elements,
  axpy: elements,
  scale: elements,
  addRow: (rows, columns) => [columns, rows * columns],
  columnSums: (rows, columns) => [rows * columns, columns],
  exp: elements,
  log: elements,
  relu: elements,
  tanh: elements,
  sigmoid: elements,
  reluBack: elements,
  tanhBack: elements,
  sigmoidBack: elements,
  softmax: (rows, columns) => [rows * columns, rows * columns],
  logSumExp: (rows, columns) => [rows * columns, rows],
  softmaxLoss: loss,
  sigmoidLoss: loss,
  squaredLoss: loss,
  sgd: (count, width) => [count, 0, count * width],
  momentum: (count, width) => [count, 0, 0, 0, count * width],
  adagrad: (count, width) => [count, 0, 0, count * width],
  rmsprop: (count, width) => [count, 0, 0, 0, count * width],
  adam: (count, width) => [count, 0, 0, 0, 0, count * width],
  csrTimes: (rows, n) => [rows + 1, 0, 0, 0, rows * n],
  csrTransposedTimes: (rows, n) => [rows + 1, 0, 0, rows * n],
  csrByColumn: (rows, columns) => [rows + 1, 0, 0, columns],
  cscTimes: (count) => [count, count + 1],
};
