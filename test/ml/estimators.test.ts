import {
  ColumnTransformer,
  CountVectorizer,
  DummyClassifier,
  type Estimator,
  FeatureCross,
  FeatureUnion,
  FunctionTransformer,
  LabelBinarizer,
  LabelEncoder,
  LinearRegression,
  LogisticRegression,
  MinMaxScaler,
  OneHotEncoder,
  Pipeline,
  Ridge,
  SimpleImputer,
  StandardScaler,
  TfidfTransformer,
  TfidfVectorizer,
} from '@jobloom/ml';
import { checkEstimator, type EstimatorFlags } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

const estimators: [name: string, make: () => Estimator, flags?: EstimatorFlags][] = [
  ['LogisticRegression', () => new LogisticRegression()],
  ['LogisticRegression, liblinear', () => new LogisticRegression({ solver: 'liblinear', tol: 1e-9 })],
  ['LogisticRegression, one against the rest', () => new LogisticRegression({ multiClass: 'ovr', tol: 1e-9 })],
  ['LinearRegression', () => new LinearRegression()],
  ['Ridge', () => new Ridge()],
  ['DummyClassifier', () => new DummyClassifier()],
  ['StandardScaler', () => new StandardScaler()],
  ['StandardScaler without mean', () => new StandardScaler({ withMean: false })],
  ['MinMaxScaler', () => new MinMaxScaler()],
  ['OneHotEncoder', () => new OneHotEncoder({ handleUnknown: 'ignore' })],
  ['FeatureCross', () => new FeatureCross({ handleUnknown: 'ignore' })],
  ['LabelEncoder', () => new LabelEncoder()],
  ['LabelBinarizer', () => new LabelBinarizer()],
  ['SimpleImputer', () => new SimpleImputer()],
  ['FunctionTransformer', () => new FunctionTransformer({ validate: true })],
  ['FunctionTransformer with a function', () => new FunctionTransformer({ func: (X) => X }), { noState: true }],
  ['CountVectorizer', () => new CountVectorizer()],
  ['CountVectorizer, characters', () => new CountVectorizer({ analyzer: 'char', ngramRange: [2, 4], maxFeatures: 20 })],
  ['TfidfTransformer', () => new TfidfTransformer()],
  ['TfidfVectorizer', () => new TfidfVectorizer({ stopWords: 'english' })],
  [
    'Pipeline that predicts',
    () =>
      new Pipeline([
        ['scale', new StandardScaler()],
        ['lr', new LogisticRegression()],
      ]),
  ],
  [
    'Pipeline that transforms',
    () =>
      new Pipeline([
        ['count', new CountVectorizer()],
        ['weigh', new TfidfTransformer()],
      ]),
  ],
  [
    'FeatureUnion',
    () =>
      new FeatureUnion(
        [
          ['words', new CountVectorizer()],
          ['chars', new CountVectorizer({ analyzer: 'char' })],
        ],
        { transformerWeights: { chars: 0.5 } },
      ),
  ],
  [
    'ColumnTransformer',
    () =>
      new ColumnTransformer(
        [
          ['hot', new OneHotEncoder({ handleUnknown: 'ignore' }), [0]],
          ['scaled', new StandardScaler(), [2]],
        ],
        { remainder: 'passthrough' },
      ),
  ],
];

for (const [name, make, flags] of estimators) describe(name, () => checkEstimator(test, make, flags));
