import { LogisticRegression, MLPClassifier } from '@jobloom/ml';

/** What may follow the vectorizer, and the parameters that a search tries of it. */
export const movieModels = {
  lr: (quick: boolean) => ({
    step: ['lr', new LogisticRegression({ solver: 'liblinear' })] as const,
    grid: { lr__C: quick ? [0.001, 0.1] : [0.001, 0.01, 0.1, 1, 10, 100] },
    best: { lr__C: 0.001 },
  }),
  mlp: (quick: boolean) => ({
    step: ['mlp', new MLPClassifier({ nEpochs: 10, initScale: 1, randomState: 0 })] as const,
    grid: {
      mlp__hiddenUnits: quick ? [[16], [16, 8]] : [[512], [256], [256, 128, 64]],
      mlp__keepProb: [1, 0.5],
    },
    best: { mlp__hiddenUnits: [256], mlp__keepProb: 1 },
  }),
};
