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
export { KMeans, type KMeansParams } from './cluster/k-means.ts';
export { MiniBatchKMeans, type MiniBatchKMeansParams } from './cluster/mini-batch-k-means.ts';
export { type ColumnPart, ColumnTransformer, type ColumnTransformerParams } from './compose/column-transformer.ts';
export { FeatureUnion, type FeatureUnionParams, type UnionPart } from './compose/feature-union.ts';
export { fitTransform } from './compose/fit-transform.ts';
export { Pipeline, type PipelineParams, type Step, type StepOptions } from './compose/pipeline.ts';
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
export {
  MiniBatchDictionaryLearning,
  type MiniBatchDictionaryLearningParams,
} from './decomposition/mini-batch-dictionary-learning.ts';
export { PCA, type PCAParams } from './decomposition/pca.ts';
export { TruncatedSVD, type TruncatedSVDParams } from './decomposition/truncated-svd.ts';
export { DummyClassifier, type DummyClassifierParams } from './dummy/dummy-classifier.ts';
export { type ForestData, type ForestTarget, growTrees } from './ensemble/grow-trees.ts';
export { RandomForestClassifier, type RandomForestClassifierParams } from './ensemble/random-forest-classifier.ts';
export { RandomForestRegressor, type RandomForestRegressorParams } from './ensemble/random-forest-regressor.ts';
export type { ClassWeight } from './linear/class-weights.ts';
export { ElasticNet, type ElasticNetParams, Lasso, type LassoParams } from './linear/elastic-net.ts';
export {
  type EnetPathOptions,
  enetPath,
  lassoPath,
  type PathOptions,
  type RegularizationPath,
} from './linear/enet-path.ts';
export { LinearRegression, type LinearRegressionParams } from './linear/linear-regression.ts';
export { LogisticRegression, type LogisticRegressionParams } from './linear/logistic-regression.ts';
export { Ridge, type RidgeParams } from './linear/ridge.ts';
export {
  type PartialFitOptions,
  SGDClassifier,
  type SgdClassifierParams,
} from './linear/sgd-classifier.ts';
export type { SgdParams } from './linear/sgd-params.ts';
export { SGDRegressor, type SgdRegressorParams } from './linear/sgd-regressor.ts';
export { accuracyScore, type Weighted } from './metrics/accuracy-score.ts';
export {
  type ClassificationReport,
  classificationReport,
  type ReportOptions,
  type ReportRow,
} from './metrics/classification-report.ts';
export { type ConfusionOptions, confusionMatrix } from './metrics/confusion-matrix.ts';
export { getScorer, scorerNames } from './metrics/get-scorer.ts';
export {
  type AverageOptions,
  balancedAccuracyScore,
  f1Score,
  fbetaScore,
  precisionScore,
  recallScore,
} from './metrics/label-scores.ts';
export { type LogLossOptions, logLoss } from './metrics/log-loss.ts';
export {
  type Average,
  type AveragedScores,
  type FscoreOptions,
  type LabelScoreOptions,
  type LabelScores,
  precisionRecallFscore,
} from './metrics/precision-recall-fscore.ts';
export { meanAbsoluteError, meanSquaredError, r2Score } from './metrics/regression-scores.ts';
export { type RocAucOptions, rocAucScore, type Scores } from './metrics/roc-auc-score.ts';
export {
  type Metric,
  makeScorer,
  type ResponseMethod,
  Scorer,
  type ScorerOptions,
  type Scoring,
  type ScoringFunction,
} from './metrics/scorer.ts';
export { GaussianNB, type GaussianNBParams } from './naive-bayes/gaussian-nb.ts';
export { MultinomialNB, type MultinomialNBParams } from './naive-bayes/multinomial-nb.ts';
export type { KNeighborsParams, Neighbors } from './neighbors/k-neighbors.ts';
export { KNeighborsClassifier } from './neighbors/k-neighbors-classifier.ts';
export { KNeighborsRegressor } from './neighbors/k-neighbors-regressor.ts';
export type { CheckpointOptions } from './nets/checkpoints.ts';
export type { EngineName, EngineWish } from './nets/choose-engine.ts';
export type { Activation } from './nets/engine.ts';
export { EngineError } from './nets/engine-error.ts';
export { type LabelSet, MLPClassifier } from './nets/mlp-classifier.ts';
export type { EpochStats, MlpFitOptions, MlpParams, MlpPartialFitOptions } from './nets/mlp-params.ts';
export { MLPRegressor } from './nets/mlp-regressor.ts';
export type { SolverKwargs, SolverName } from './nets/solver-settings.ts';
export type { Tensorflow, TensorflowName } from './nets/tensorflow/candidates.ts';
export { loadTensorflow } from './nets/tensorflow/load-tensorflow.ts';
export { setTensorflow } from './nets/tensorflow/resolve.ts';
export { type TfStatus, tfStatus } from './nets/tf-status.ts';
export { type NumericsStatus, numericsStatus } from './numerics/workspace.ts';
export { type MinimizeOptions, type MinimizeResult, minimize } from './optimize/minimize.ts';
export type { Categories } from './preprocessing/categories.ts';
export { FeatureCross, type FeatureCrossParams } from './preprocessing/feature-cross.ts';
export { FunctionTransformer, type FunctionTransformerParams } from './preprocessing/function-transformer.ts';
export { LabelBinarizer, type LabelBinarizerParams } from './preprocessing/label-binarizer.ts';
export { LabelEncoder } from './preprocessing/label-encoder.ts';
export { MinMaxScaler, type MinMaxScalerParams } from './preprocessing/min-max-scaler.ts';
export { OneHotEncoder, type OneHotEncoderParams } from './preprocessing/one-hot-encoder.ts';
export { SimpleImputer, type SimpleImputerParams } from './preprocessing/simple-imputer.ts';
export { StandardScaler, type StandardScalerParams } from './preprocessing/standard-scaler.ts';
export { checkRandomState, RandomState } from './random/random-state.ts';
export type { Cv } from './selection/check-cv.ts';
export { type CrossValPredictOptions, crossValPredict, predictSplit } from './selection/cross-val-predict.ts';
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  crossValScore,
} from './selection/cross-validate.ts';
export type { CvResults, ScoreSet } from './selection/cv-results.ts';
export { type Distribution, integers, logUniform, uniform } from './selection/distributions.ts';
export type { FitEvent } from './selection/evaluate.ts';
export { FitFailedError } from './selection/fit-failed.ts';
export { fitUnit, fitWhole } from './selection/fit-unit.ts';
export { GridSearchCV, type GridSearchParams } from './selection/grid-search-cv.ts';
export { GroupKFold } from './selection/group-k-fold.ts';
export { HalvingGridSearchCV, type HalvingOptions, type HalvingParams } from './selection/halving-grid-search-cv.ts';
export { KFold, type KFoldOptions } from './selection/k-fold.ts';
export { type LearningCurve, type LearningCurveOptions, learningCurve } from './selection/learning-curve.ts';
export { ParameterGrid, type ParamGrid, type Params } from './selection/parameter-grid.ts';
export {
  type ParamDistributions,
  ParameterSampler,
  type ParameterSamplerOptions,
} from './selection/parameter-sampler.ts';
export {
  RandomizedSearchCV,
  type RandomizedSearchOptions,
  type RandomizedSearchParams,
} from './selection/randomized-search-cv.ts';
export type { ScoringOption } from './selection/scoring-option.ts';
export { SearchCV, type SearchFitOptions, type SearchOptions } from './selection/search-cv.ts';
export {
  type PartSizes,
  ShuffleSplit,
  type ShuffleSplitOptions,
  StratifiedShuffleSplit,
} from './selection/shuffle-split.ts';
export type { Split, SplitInput, Splitter } from './selection/splitter.ts';
export { StratifiedKFold, type StratifiedKFoldOptions } from './selection/stratified-k-fold.ts';
export { TimeSeriesSplit, type TimeSeriesSplitOptions } from './selection/time-series-split.ts';
export { type Halves, type TrainTestSplitOptions, trainTestSplit } from './selection/train-test-split.ts';
export { fromState } from './state/from-state.ts';
export { registerFunction } from './state/functions.ts';
export { registerEstimator } from './state/registry.ts';
export type { EstimatorState } from './state/to-state.ts';
export { SVC, type SvcParams } from './svm/svc.ts';
export { CountVectorizer, type CountVectorizerParams } from './text/count-vectorizer.ts';
export { ENGLISH_STOP_WORDS } from './text/english-stop-words.ts';
export { TfidfTransformer, type TfidfTransformerParams } from './text/tfidf-transformer.ts';
export { TfidfVectorizer, type TfidfVectorizerParams } from './text/tfidf-vectorizer.ts';
export { DecisionTreeClassifier, type DecisionTreeClassifierParams } from './tree/decision-tree-classifier.ts';
export { DecisionTreeRegressor, type DecisionTreeRegressorParams } from './tree/decision-tree-regressor.ts';
export type { Tree } from './tree/tree.ts';
export type { TreeParams } from './tree/tree-params.ts';
