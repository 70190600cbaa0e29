export { clone } from './base/clone.ts';
export {
  BOOLEAN,
  type Constraint,
  type Constraints,
  checkConstraints,
  FUNCTION,
  integer,
  NULL,
  oneOf,
  RANDOM_STATE,
  type Range,
  real,
  STRING,
} from './base/constraints.ts';
export { InputError, NotFittedError, ParameterError, StateError } from './base/errors.ts';
export { type AnyEstimator, Estimator, type EstimatorClass, isEstimator } from './base/estimator.ts';
export type { Awaitable, Classifier, FitOptions, Regressor, Targets, Transformer } from './base/interfaces.ts';
export { provides } from './base/provides.ts';
export { accuracyOf, r2Of } from './base/scores.ts';
export { DEFAULT_TAGS, type Tags } from './base/tags.ts';
export { type ColumnPart, ColumnTransformer, type ColumnTransformerParams } from './compose/column-transformer.ts';
export { FeatureUnion, type FeatureUnionParams, type UnionPart } from './compose/feature-union.ts';
export { fitTransform, Pipeline, type PipelineParams, type Step, type StepOptions } from './compose/pipeline.ts';
export { checkFeatures, type FeatureChecks } from './data/check-features.ts';
export { checkLength, checkSampleWeight, checkTargets } from './data/check-targets.ts';
export { toCsr, toDense, toRows } from './data/convert.ts';
export {
  type Cell,
  type CsrMatrix,
  columnCount,
  csrMatrix,
  type DenseMatrix,
  denseMatrix,
  type Features,
  isDense,
  isMatrix,
  isSparse,
  type Matrix,
  rowCount,
  type Table,
} from './data/features.ts';
export {
  codesOf,
  compareLabels,
  type EncodedLabels,
  encodeLabels,
  type Label,
  type Labels,
  uniqueLabels,
} from './data/labels.ts';
export { type Rows, take } from './data/take.ts';
export { type Columns, takeColumns } from './data/take-columns.ts';
export { type Dataset, loadDigits } from './datasets/load-digits.ts';
export { loadMovieReviews } from './datasets/load-movie-reviews.ts';
export { type ClassificationOptions, makeClassification } from './datasets/make-classification.ts';
export { type MoonsOptions, makeMoons } from './datasets/make-moons.ts';
export type { ClassWeight } from './linear/class-weights.ts';
export { LogisticRegression, type LogisticRegressionParams } from './linear/logistic-regression.ts';
export { checkRandomState, RandomState } from './random/random-state.ts';
export { fromState } from './state/from-state.ts';
export { registerFunction } from './state/functions.ts';
export { registerEstimator } from './state/registry.ts';
export type { EstimatorState } from './state/to-state.ts';
