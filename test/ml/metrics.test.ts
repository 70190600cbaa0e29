import {
  accuracyScore,
  balancedAccuracyScore,
  classificationReport,
  confusionMatrix,
  f1Score,
  getScorer,
  logLoss,
  makeScorer,
  meanAbsoluteError,
  meanSquaredError,
  precisionRecallFscore,
  r2Score,
  rocAucScore,
} from '@jobloom/ml';
import { describe, expect, test } from 'vitest';
import { reference } from './reference/reference.ts';

interface Figures {
  data: Record<'three' | 'said' | 'two' | 'twoSaid' | 'ties' | 'weight' | 'target' | 'guess', number[]> & {
    proba: number[][];
  };
  accuracy: number[];
  balanced: number;
  confusion: number[][];
  confusionWeighted: number[][];
  each: number[][];
  averaged: Record<'micro' | 'macro' | 'weighted', number[]>;
  binary: number[];
  auc: number[];
  aucMany: Record<string, number>;
  logLoss: number[];
  regression: number[];
  report: string;
  reportSome: string;
}
const sklearn = reference<Figures>('model_selection');
const { three, said, two, twoSaid, ties, weight, proba, target, guess } = sklearn.data;
const sampleWeight = weight;
const close = (got: readonly number[], due: readonly number[]): void => {
  expect(got.length).toBe(due.length);
  got.forEach((value, at) => void expect(value).toBeCloseTo(due[at] as number, 13));
};

describe("metrics give scikit-learn's figures", () => {
  test('accuracy, with weights too', () => {
    close([accuracyScore(three, said), accuracyScore(three, said, { sampleWeight })], sklearn.accuracy);
    expect(accuracyScore(three, said, { normalize: false })).toBe(
      three.filter((label, at) => label === said[at]).length,
    );
    close([balancedAccuracyScore(three, said)], [sklearn.balanced]);
  });

  test('confusion matrix', () => {
    expect(confusionMatrix(three, said)).toEqual(sklearn.confusion);
    const options = { sampleWeight, normalize: 'true', labels: [2, 0] } as const;
    close(confusionMatrix(three, said, options).flat(), sklearn.confusionWeighted.flat());
  });

  test('precision, recall and F of each label and averaged', () => {
    const { precision, recall, fscore, support } = precisionRecallFscore(three, said, { sampleWeight });
    close([...precision, ...recall, ...fscore, ...support], sklearn.each.flat());
    for (const average of ['micro', 'macro', 'weighted'] as const)
      close(Object.values(precisionRecallFscore(three, said, { average, beta: 0.5 })), sklearn.averaged[average]);
    close(Object.values(precisionRecallFscore(two, twoSaid, { average: 'binary', posLabel: 0 })), sklearn.binary);
    expect(f1Score([true, false, true], [true, true, true])).toBe(0.8);
  });

  test('the area under the ROC curve, ties counting half', () => {
    close([rocAucScore(two, ties), rocAucScore(two, ties, { sampleWeight })], sklearn.auc);
    for (const [name, due] of Object.entries(sklearn.aucMany)) {
      const [multiClass, average] = name.split(' ') as ['ovr' | 'ovo', 'macro' | 'weighted'];
      close([rocAucScore(three, proba, { multiClass, average })], [due]);
    }
    expect(rocAucScore(['no', 'yes', 'no', 'yes'], [1, 1, 1, 1])).toBe(0.5);
  });

  test('log loss, held within what doubles can tell from 0 and 1', () => {
    const values = [logLoss(three, proba), logLoss(three, proba, { sampleWeight }), logLoss(two, ties)];
    close([...values, logLoss(three, proba, { normalize: false })], sklearn.logLoss);
  });

  test('regression', () => {
    const all = [r2Score, meanSquaredError, meanAbsoluteError].flatMap((metric) => [
      metric(target, guess),
      metric(target, guess, { sampleWeight }),
    ]);
    close([...all, meanSquaredError(target, guess, { squared: false })], sklearn.regression);
    expect([r2Score([2, 2], [2, 2]), r2Score([2, 2], [2, 3]), r2Score([1], [1])]).toEqual([1, 0, Number.NaN]);
  });

  test('the classification report, to the character', () => {
    const targetNames = ['ant', 'bee', 'a longer name'];
    expect(String(classificationReport(three, said, { targetNames, digits: 3 }))).toBe(sklearn.report);
    expect(String(classificationReport(three, said, { labels: [2, 1] }))).toBe(sklearn.reportSome);
    expect(classificationReport(['a', 'b'], ['a', 'b']).labels.b).toEqual({
      precision: 1,
      recall: 1,
      f1: 1,
      support: 1,
    });
  });
});

describe('what metrics refuse', () => {
  test.each([
    ['different lengths', () => accuracyScore([1, 2], [1]), 'There must be as many of each. Got yTrue 2, yPred 1.'],
    ['nothing', () => accuracyScore([], []), 'There must be one sample or more. Got yTrue 0, yPred 0.'],
    ['NaN', () => meanSquaredError([1, 2], [1, Number.NaN]), 'yPred must hold finite numbers. Got NaN at 1.'],
    [
      'a single label',
      () => rocAucScore([1, 1], [0.2, 0.3]),
      'One score a sample is for two labels. Got 1 in yTrue, for which the area is not defined.',
    ],
    [
      'many labels without saying how',
      () => rocAucScore(three, proba),
      "Scores of several labels need multiClass: 'ovr' (each against the rest) or 'ovo' (each pair).",
    ],
    [
      'many labels as two',
      () => f1Score(three, said),
      "average: 'binary' scores one label of two, and there are 3. Choose 'micro', 'macro', 'weighted' or null.",
    ],
    [
      'weights of another length',
      () => accuracyScore([1], [1], { sampleWeight: [1, 2] }),
      'sampleWeight must have one weight a sample, 1. Got 2.',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });

  test('a name that is no scoring', () => {
    expect(() => getScorer('acuracy')).toThrow("'acuracy' is no scoring. Valid are: accuracy, balanced_accuracy, f1,");
  });
});

test('a scorer asks the estimator for what its metric looks at', async () => {
  const said = { data: new Float64Array([0.9, 0.1, 0.6, 0.4, 0.2, 0.8]), rows: 3, cols: 2 };
  const model = {
    classes_: ['a', 'b'],
    predictProba: () => said,
    predict: () => ['a', 'a', 'b'],
    fit: () => model,
    getParams: () => ({}),
    setParams: () => model,
  };
  const y = ['a', 'b', 'b'];
  expect(await getScorer('roc_auc').score(model, [[1], [2], [3]], y)).toBe(1);
  expect(await getScorer('accuracy').score(model, [[1], [2], [3]], y)).toBe(2 / 3);
  expect(await getScorer('neg_log_loss').score(model, [[1], [2], [3]], y)).toBe(
    -logLoss(y, [
      [0.9, 0.1],
      [0.6, 0.4],
      [0.2, 0.8],
    ]),
  );
  expect(await makeScorer(f1Score, { posLabel: 'b' }).score(model, [[1], [2], [3]], y)).toBe(2 / 3);
  const noProba = makeScorer(logLoss, { responseMethod: 'decisionFunction' });
  await expect(noProba.score(model, [[1], [2], [3]], y)).rejects.toThrow(
    'has no decisionFunction, which logLoss looks at',
  );
});
