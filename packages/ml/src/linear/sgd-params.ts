import { BOOLEAN, type Constraints, integer, NULL, oneOf, RANDOM_STATE, real } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import type { RandomState } from '../random/random-state.ts';
import type { SgdOptions } from './sgd.ts';
import { type SgdLossName, sgdLoss } from './sgd-losses.ts';

/** Parameters of stochastic gradient descent. */
export interface SgdParams {
  readonly loss: SgdLossName;
  /** With CSR, `'l1'` moves the weights of columns when a row has a value for them. */
  readonly penalty: 'l2' | 'l1' | 'elasticnet' | null;
  /** Strength of the penalty; `'optimal'` learning rates go by it too. */
  readonly alpha: number;
  /** For `'elasticnet'`: the share of the L1 penalty. */
  readonly l1Ratio: number;
  readonly fitIntercept: boolean;
  /** Epochs: passes over all rows. */
  readonly maxIter: number;
  /** Ends when the mean loss (or the score on held rows) has not improved by so much for `nIterNoChange` epochs; null never. */
  readonly tol: number | null;
  /** Draws the order of rows anew for each epoch. */
  readonly shuffle: boolean;
  /** For the losses that have one. */
  readonly epsilon: number;
  /** `'constant'`: eta0; `'invscaling'`: eta0 / step^powerT; `'adaptive'`: eta0, a fifth of it whenever it would end; `'optimal'`: by alpha. */
  readonly learningRate: 'constant' | 'optimal' | 'invscaling' | 'adaptive';
  readonly eta0: number;
  readonly powerT: number;
  /** Holds `validationFraction` of the rows, and ends by the score on them. */
  readonly earlyStopping: boolean;
  readonly validationFraction: number;
  readonly nIterNoChange: number;
  /** Predicts with the mean of the weights over steps: of all, or of those from a step on. */
  readonly average: boolean | number;
  readonly randomState: number | RandomState | null;
}

export const SGD_DEFAULTS: Omit<SgdParams, 'loss' | 'learningRate' | 'eta0' | 'powerT'> = {
  penalty: 'l2',
  alpha: 1e-4,
  l1Ratio: 0.15,
  fitIntercept: true,
  maxIter: 1000,
  tol: 1e-3,
  shuffle: true,
  epsilon: 0.1,
  earlyStopping: false,
  validationFraction: 0.1,
  nIterNoChange: 5,
  average: false,
  randomState: null,
};

export const SGD_CONSTRAINTS: Constraints = {
  penalty: [oneOf('l2', 'l1', 'elasticnet'), NULL],
  alpha: [real('[0, inf)')],
  l1Ratio: [real('[0, 1]')],
  fitIntercept: [BOOLEAN],
  maxIter: [integer('[1, inf)')],
  tol: [real('[0, inf)'), NULL],
  shuffle: [BOOLEAN],
  epsilon: [real('[0, inf)')],
  learningRate: [oneOf('constant', 'optimal', 'invscaling', 'adaptive')],
  eta0: [real('[0, inf)')],
  powerT: [real('(-inf, inf)')],
  earlyStopping: [BOOLEAN],
  validationFraction: [real('(0, 1)')],
  nIterNoChange: [integer('[1, inf)')],
  average: [BOOLEAN, integer('[0, inf)')],
  randomState: [RANDOM_STATE],
};

/** Parameters as the descent takes them. @throws ParameterError for some that do not go together */
export function sgdOptions(params: SgdParams, owner: string): SgdOptions {
  const { loss, epsilon, penalty, l1Ratio, tol, average, learningRate, eta0, alpha } = params;
  if (learningRate !== 'optimal' && eta0 === 0)
    throw new ParameterError(`${owner}: learningRate '${learningRate}' needs eta0 above 0. Got 0.`);
  if (learningRate === 'optimal' && alpha === 0)
    throw new ParameterError(`${owner}: learningRate 'optimal' needs alpha above 0. Got 0.`);
  return {
    ...params,
    loss: sgdLoss(loss, epsilon),
    l1Share: penalty === null ? undefined : penalty === 'l2' ? 0 : penalty === 'l1' ? 1 : l1Ratio,
    tol: tol ?? Number.NEGATIVE_INFINITY,
    average: Number(average),
  };
}

/** Weights that grew without bound. */
export function overflow(owner: string): InputError {
  return new InputError(
    `${owner}: weights are no longer finite. Scale the data as a StandardScaler does, or lower eta0.`,
  );
}

/** The largest seed that scikit-learn draws is below this. */
export const SEEDS = 0x7fffffff;
