export { type MinimizeOptions, type MinimizeResult, minimize } from '../optimize/minimize.ts';
export {
  type Derivative,
  type Differentiable,
  type Gradient,
  type Gradients,
  grad,
  type ValueAndGradient,
  type ValueAndGradients,
  valueAndGrad,
} from './grad.ts';
export { type JacobianOptions, jacobian } from './jacobian.ts';
export {
  abs,
  add,
  at,
  atan,
  cos,
  div,
  exp,
  expm1,
  greater,
  log,
  log1p,
  matmul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  stack,
  sub,
  sum,
  tan,
  tanh,
  transpose,
  where,
} from './operations.ts';
export { type DerivativeStep, forwardSteps, reverseSteps } from './steps.ts';
export { type Traced, trace } from './trace.ts';
export { type Given, type Numbers, type Operand, Value } from './value.ts';
