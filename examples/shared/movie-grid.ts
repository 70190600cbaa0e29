import type { Memory } from '@jobloom/memory';
import {
  CountVectorizer,
  GridSearchCV,
  getScorer,
  LogisticRegression,
  loadMovieReviews,
  type ParamGrid,
  Pipeline,
  type Step,
  trainTestSplit,
} from '@jobloom/ml';

/** How much of the talk's job. */
export interface MovieGridSize {
  readonly trainSize: number;
  readonly testSize: number;
  readonly longestGram: number;
  readonly features: number;
  readonly C: readonly number[];
}

/** The talk's. */
export const WHOLE: MovieGridSize = {
  trainSize: 1500,
  testSize: 500,
  longestGram: 5,
  features: 50_000,
  C: [0.001, 0.01, 0.1, 1, 10, 100],
};
/** Enough to see whether it works. */
export const QUICK: MovieGridSize = { trainSize: 240, testSize: 120, longestGram: 3, features: 5_000, C: [0.001, 0.1] };

/** Many fits of small data: what a cluster gains, apart from what its network costs. */
export const FINE: MovieGridSize = {
  trainSize: 1500,
  testSize: 500,
  longestGram: 2,
  features: 1_000,
  C: Array.from({ length: 40 }, (_, at) => 10 ** (at / 8 - 3)),
};

/** What follows the vectorizer, and what a search tries of it. */
export interface MovieModel {
  readonly step: Step;
  readonly grid: ParamGrid;
}

/** A grid search, ready to be fitted, and its data. */
export interface MovieGrid {
  readonly search: GridSearchCV;
  fit(): Promise<GridSearchCV>;
  /** The pipeline with one set of parameters, on the whole train part. Gives its ROC AUC on the test part. */
  fitOne(params: Readonly<Record<string, unknown>>): Promise<number>;
  /** ROC AUC on the test part. */
  testScore(): Promise<number>;
}

/** The talk's job, or less of it: its data and split, counts of character n-grams, the C of a logistic regression or another model. */
export function movieGrid(
  size: MovieGridSize,
  memory: Memory | null = null,
  { step, grid }: MovieModel = {
    step: ['lr', new LogisticRegression({ solver: 'liblinear' })],
    grid: { lr__C: size.C },
  },
): MovieGrid {
  const { X, y } = loadMovieReviews(new URL('../data/movie_reviews.zip', import.meta.url).pathname);
  const { trainSize, testSize } = size;
  const [trainX, testX, trainY, testY] = trainTestSplit([X, y], { trainSize, testSize, randomState: 1234 });
  const pipeline = new Pipeline(
    [
      [
        'vect',
        new CountVectorizer({ analyzer: 'char', ngramRange: [2, size.longestGram], maxFeatures: size.features }),
      ],
      step,
    ],
    { memory },
  );
  const search = new GridSearchCV(pipeline, grid, { scoring: 'roc_auc', cv: 3, memory });
  return {
    search,
    fit: () => search.fit(trainX, trainY),
    async fitOne(params) {
      await pipeline.setParams(params).fit(trainX, trainY);
      return getScorer('roc_auc').score(pipeline, testX, testY);
    },
    testScore: () => getScorer('roc_auc').score(search, testX, testY),
  };
}

/** The scores of a search: a row of splits for each candidate. */
export function splitScores({ cvResults_, nSplits_ }: GridSearchCV): number[][] {
  return cvResults_.params.map((_, candidate) =>
    Array.from({ length: nSplits_ }, (_split, split) => Number(cvResults_[`split${split}_test_score`]?.[candidate])),
  );
}
