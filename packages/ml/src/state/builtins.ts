import type { EstimatorClass } from '../base/estimator.ts';
import { KMeans } from '../cluster/k-means.ts';
import { MiniBatchKMeans } from '../cluster/mini-batch-k-means.ts';
import { ColumnTransformer } from '../compose/column-transformer.ts';
import { FeatureUnion } from '../compose/feature-union.ts';
import { Pipeline } from '../compose/pipeline.ts';
import { MiniBatchDictionaryLearning } from '../decomposition/mini-batch-dictionary-learning.ts';
import { PCA } from '../decomposition/pca.ts';
import { TruncatedSVD } from '../decomposition/truncated-svd.ts';
import { DummyClassifier } from '../dummy/dummy-classifier.ts';
import { RandomForestClassifier } from '../ensemble/random-forest-classifier.ts';
import { RandomForestRegressor } from '../ensemble/random-forest-regressor.ts';
import { ElasticNet, Lasso } from '../linear/elastic-net.ts';
import { LinearRegression } from '../linear/linear-regression.ts';
import { LogisticRegression } from '../linear/logistic-regression.ts';
import { Ridge } from '../linear/ridge.ts';
import { SGDClassifier } from '../linear/sgd-classifier.ts';
import { SGDRegressor } from '../linear/sgd-regressor.ts';
import { GaussianNB } from '../naive-bayes/gaussian-nb.ts';
import { MultinomialNB } from '../naive-bayes/multinomial-nb.ts';
import { KNeighborsClassifier } from '../neighbors/k-neighbors-classifier.ts';
import { KNeighborsRegressor } from '../neighbors/k-neighbors-regressor.ts';
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
import { HalvingGridSearchCV } from '../selection/halving-grid-search-cv.ts';
import { RandomizedSearchCV } from '../selection/randomized-search-cv.ts';
import { SVC } from '../svm/svc.ts';
import { CountVectorizer } from '../text/count-vectorizer.ts';
import { TfidfTransformer } from '../text/tfidf-transformer.ts';
import { TfidfVectorizer } from '../text/tfidf-vectorizer.ts';
import { DecisionTreeClassifier } from '../tree/decision-tree-classifier.ts';
import { DecisionTreeRegressor } from '../tree/decision-tree-regressor.ts';

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
  HalvingGridSearchCV,
  MiniBatchDictionaryLearning,
  KMeans,
  MiniBatchKMeans,
  PCA,
  TruncatedSVD,
  GaussianNB,
  MultinomialNB,
  KNeighborsClassifier,
  KNeighborsRegressor,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  SVC,
  ElasticNet,
  Lasso,
  SGDClassifier,
  SGDRegressor,
];

export function builtin(name: string): EstimatorClass | undefined {
  return (BUILTINS as readonly EstimatorClass[]).find((each) => each.name === name);
}
