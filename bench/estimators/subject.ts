/** What is measured, each on the same data. */
export const WORK = {
  fitTransform: 'CountVectorizer, char 2-5, 50,000 features, 2,000 reviews: fitTransform',
  transform: 'the same: transform of 500 reviews',
  movies: 'LogisticRegression, liblinear, C = 0.001, on those 2,000 x 50,000',
  lbfgs: 'LogisticRegression, lbfgs, 100 iterations, on 1,797 digits',
  liblinear: 'LogisticRegression, liblinear, on 1,797 digits',
} as const;

/** Milliseconds, and a figure that must be the same on both sides: stored counts, or an accuracy. */
export type Measured = readonly [ms: number, figure: number];

export interface Subject {
  measure(work: keyof typeof WORK): Promise<Measured>;
  close(): Promise<void>;
}
