import { CountVectorizer, type CsrMatrix, LogisticRegression, loadDigits, loadMovieReviews } from '@jobloom/ml';
import type { Measured, Subject } from './subject.ts';

/** @jobloom/ml, in this process. */
export function ours(reviews: string): Subject {
  const { X: documents, y: labels } = loadMovieReviews(reviews);
  const digits = loadDigits();
  const vectorizer = new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5], maxFeatures: 50_000 });
  let counts: CsrMatrix;
  const fitDigits = async (solver: 'lbfgs' | 'liblinear'): Promise<Measured> => {
    const [ms, model] = await timed(() => new LogisticRegression<number>({ solver }).fit(digits.X, digits.y));
    return [ms, await model.score(digits.X, digits.y)];
  };
  return {
    async measure(work) {
      switch (work) {
        case 'fitTransform': {
          const [ms, made] = await timed(() => vectorizer.fitTransform(documents));
          counts = made;
          return [ms, made.data.length];
        }
        case 'transform': {
          const [ms, made] = await timed(() => vectorizer.transform(documents.slice(0, 500)));
          return [ms, made.data.length];
        }
        case 'movies': {
          const model = new LogisticRegression<number>({ solver: 'liblinear', C: 0.001 });
          const [ms] = await timed(() => model.fit(counts, labels));
          return [ms, await model.score(counts, labels)];
        }
        default:
          return fitDigits(work);
      }
    },
    async close() {},
  };
}

async function timed<T>(run: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await run();
  return [performance.now() - start, result];
}
