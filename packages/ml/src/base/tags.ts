/** What an estimator is and can do, as data. Searches, pipelines and the contract ask these, never class names. */
export interface Tags {
  readonly kind: 'classifier' | 'regressor' | 'transformer' | 'clusterer' | 'other';
  /** What X is: numbers, documents, rows of any cells, or labels (that is, y). */
  readonly input: 'numbers' | 'documents' | 'cells' | 'labels';
  /** Takes CSR matrices. */
  readonly sparse: boolean;
  /** NaN in X is a missing value, and not an error. */
  readonly allowsNaN: boolean;
  /** `fit` needs y. */
  readonly requiresY: boolean;
  /** `fit` takes `sampleWeight`. */
  readonly sampleWeight: boolean;
  /** Only two classes. */
  readonly binaryOnly: boolean;
  /** Needs no fit: what it does follows from its parameters. */
  readonly stateless: boolean;
  /** X must be above zero. */
  readonly requiresPositive: boolean;
  /** It predicts without X, as dummies do: checks of X are left out. */
  readonly ignoresX: boolean;
}

export const DEFAULT_TAGS: Tags = {
  kind: 'other',
  input: 'numbers',
  sparse: false,
  allowsNaN: false,
  requiresY: false,
  sampleWeight: false,
  binaryOnly: false,
  stateless: false,
  requiresPositive: false,
  ignoresX: false,
};
