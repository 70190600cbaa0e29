import type { EstimatorClass } from '../base/estimator.ts';
import { ColumnTransformer } from '../compose/column-transformer.ts';
import { FeatureUnion } from '../compose/feature-union.ts';
import { Pipeline } from '../compose/pipeline.ts';
import { DummyClassifier } from '../dummy/dummy-classifier.ts';
import { LinearRegression } from '../linear/linear-regression.ts';
import { LogisticRegression } from '../linear/logistic-regression.ts';
import { Ridge } from '../linear/ridge.ts';
import { MLPClassifier } from '../nets/mlp-classifier.ts';
import { MLPRegressor } from '../nets/mlp-regressor.ts';
import { FeatureCross } from '../preprocessing/feature-cross.ts';
import { FunctionTransformer } from '../preprocessing/function-transformer.ts';
import { LabelBinarizer } from '../preprocessing/label-binarizer.ts';
import { LabelEncoder } from '../preprocessing/label-encoder.ts';
import { MinMaxScaler } from '../preprocessing/min-max-scaler.ts';
import { OneHotEncoder } from '../preprocessing/one-hot-encoder.ts';
import { SimpleImputer } from '../preprocessing/simple-imputer.ts';
import { StandardScaler } from '../preprocessing/standard-scaler.ts';
import { GridSearchCV } from '../selection/grid-search-cv.ts';
import { RandomizedSearchCV } from '../selection/randomized-search-cv.ts';
import { CountVectorizer } from '../text/count-vectorizer.ts';
import { TfidfTransformer } from '../text/tfidf-transformer.ts';
import { TfidfVectorizer } from '../text/tfidf-vectorizer.ts';

/** Estimators of this package, whose states need no registration. */
export const BUILTINS: readonly unknown[] = [
  FunctionTransformer,
  SimpleImputer,
  LabelBinarizer,
  LabelEncoder,
  FeatureCross,
  OneHotEncoder,
  MinMaxScaler,
  StandardScaler,
  MLPRegressor,
  MLPClassifier,
  Ridge,
  LinearRegression,
  DummyClassifier,
  ColumnTransformer,
  FeatureUnion,
  LogisticRegression,
  Pipeline,
  CountVectorizer,
  TfidfTransformer,
  TfidfVectorizer,
  GridSearchCV,
  RandomizedSearchCV,
];

export function builtin(name: string): EstimatorClass | undefined {
  return (BUILTINS as readonly EstimatorClass[]).find((each) => each.name === name);
}
