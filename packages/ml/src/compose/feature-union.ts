import { type Constraints, NULL } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { type AnyEstimator, Estimator, isEstimator } from '../base/estimator.ts';
import type { FitOptions, Transformer } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { type Features, type Matrix, rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { fitTransform } from './fit-transform.ts';
import { hStack } from './h-stack.ts';
import { checkNames } from './named-list.ts';

/** A transformer by name, `'passthrough'`, or `'drop'`. */
export type UnionPart = readonly [name: string, transformer: AnyEstimator | 'passthrough' | 'drop'];

export interface FeatureUnionParams {
  readonly transformers: readonly UnionPart[];
  /** What the columns of a transformer are multiplied by, by name. */
  readonly transformerWeights: Readonly<Record<string, number>> | null;
}

/**
 * Several transformers of the same X, their columns side by side: sparse where one of them is.
 *
 * @example
 * new FeatureUnion([['words', new CountVectorizer()], ['chars', new CountVectorizer({ analyzer: 'char' })]]);
 */
export class FeatureUnion extends Estimator<FeatureUnionParams> {
  static override readonly defaults: FeatureUnionParams = { transformers: [], transformerWeights: null };
  static override readonly constraints: Constraints = { transformerWeights: [{ is: 'object' }, NULL] };

  constructor(transformers: readonly UnionPart[], options: Partial<Omit<FeatureUnionParams, 'transformers'>> = {}) {
    super({ ...options, transformers });
  }

  static override fromParams({ transformers, ...options }: FeatureUnionParams): FeatureUnion {
    return new FeatureUnion(transformers, options);
  }

  override get tags(): Tags {
    const tags = this.used().map(([, each]) => (each as Partial<Estimator>).tags ?? DEFAULT_TAGS);
    const first = tags[0] ?? DEFAULT_TAGS;
    return {
      ...first,
      kind: 'transformer',
      sparse: tags.every((each) => each.sparse),
      allowsNaN: tags.every((each) => each.allowsNaN),
      stateless: tags.every((each) => each.stateless),
      sampleWeight: tags.every((each) => each.sampleWeight),
    };
  }

  override get isFitted(): boolean {
    return this.used().every(([, each]) => (each as Partial<Estimator>).isFitted === true);
  }

  async fit(X: Features, y?: Labels, options?: FitOptions): Promise<this> {
    this.check();
    for (const [, each] of this.used()) await (each as unknown as Transformer).fit(X, y, options);
    return this;
  }

  async fitTransform(X: Features, y?: Labels, options?: FitOptions): Promise<Matrix> {
    this.check();
    return this.stacked(X, (each) => fitTransform(each, X, y, options));
  }

  async transform(X: Features): Promise<Matrix> {
    this.checkFitted();
    return this.stacked(X, async (each) => (each as unknown as Transformer).transform(X));
  }

  protected override namedParts(): readonly (readonly [string, unknown])[] {
    return Array.isArray(this.params.transformers) ? this.params.transformers : [];
  }

  protected override replacePart(name: string, value: unknown): void {
    this.setParams({
      transformers: this.params.transformers.map((part) => (part[0] === name ? [name, value] : part)),
    });
  }

  private used(): [string, AnyEstimator][] {
    return this.params.transformers.filter((part): part is [string, AnyEstimator] => typeof part[1] !== 'string');
  }

  private async stacked(X: Features, made: (each: AnyEstimator) => Promise<Features>): Promise<Matrix> {
    const parts: Matrix[] = [];
    for (const [name, each] of this.params.transformers) {
      if (each === 'drop') continue;
      const part = each === 'passthrough' ? X : await made(each);
      const checks = { owner: 'FeatureUnion', sparse: true, allowsNaN: true } as const;
      parts.push(scaled(checkFeatures(part, checks), this.params.transformerWeights?.[name] ?? 1));
    }
    return hStack(parts, rowCount(X));
  }

  private check(): void {
    this.checkParams();
    checkNames('FeatureUnion', this.params.transformers, Object.keys(FeatureUnion.defaults));
    const names = this.params.transformers.map(([name]) => name);
    for (const name of Object.keys(this.params.transformerWeights ?? {})) {
      if (names.includes(name)) continue;
      throw new ParameterError(
        `FeatureUnion: transformerWeights names '${name}', which is none of ${names.join(', ')}.`,
      );
    }
    for (const [name, each] of this.params.transformers) {
      if (each === 'drop' || each === 'passthrough' || isEstimator(each)) continue;
      throw new ParameterError(`FeatureUnion: '${name}' must be a transformer, 'passthrough' or 'drop'.`);
    }
  }
}

function scaled(X: Matrix, weight: number): Matrix {
  return weight === 1 ? X : { ...X, data: X.data.map((each) => each * weight) };
}
