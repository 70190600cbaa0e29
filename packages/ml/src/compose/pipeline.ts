import type { Memory } from '@jobloom/memory';
import { type Constraints, NULL } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { type AnyEstimator, Estimator, isEstimator } from '../base/estimator.ts';
import type { Classifier, FitOptions, Regressor, Transformer } from '../base/interfaces.ts';
import { provides } from '../base/provides.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import type { Features, Matrix } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';
import type { EstimatorState } from '../state/to-state.ts';
import { fitTransform } from './fit-transform.ts';
import { checkNames } from './named-list.ts';

/** A step: its name, and an estimator or `'passthrough'`. All but the last transform. */
export type Step = readonly [name: string, estimator: AnyEstimator | 'passthrough'];

export interface PipelineParams {
  readonly steps: readonly Step[];
  /** Keeps fitted transformers and what they made, so that a fit of the same steps on the same data is read. */
  readonly memory: Memory | null;
}

/** Options for steps: `{ lr__sampleWeight: weights }`. */
export type StepOptions = Readonly<Record<string, unknown>>;

/** What the last step may be. */
type Last = Partial<Pick<Classifier, 'predictProba' | 'decisionFunction' | 'classes_'>> &
  Pick<Regressor, 'fit'> & {
    predict(X: Features): Label[] | Float64Array | Promise<Label[] | Float64Array>;
    score(X: Features, y?: Labels, options?: FitOptions): number | Promise<number>;
  };

/**
 * Transformers one after the other, then an estimator; as one. It has the methods of its last step: with a classifier
 * it predicts, with a transformer it transforms. Its parameters are those of its steps, as `step__param`, and the
 * steps by name. `fit` fits the steps themselves; with a `memory` it fits clones of the transformers, or reads them, and
 * puts them in their place, as scikit-learn does. Code counts: a step whose helper changed is fitted again, and so is
 * what follows it.
 *
 * @example
 * const pipeline = new Pipeline([['scale', new StandardScaler()], ['lr', new LogisticRegression()]]);
 * await pipeline.setParams({ lr__C: 0.1 }).fit(X, y);
 */
export class Pipeline extends Estimator<PipelineParams> {
  static override readonly defaults: PipelineParams = { steps: [], memory: null };
  static override readonly constraints: Constraints = { memory: [{ is: 'memory' }, NULL] };

  constructor(steps: readonly Step[], { memory = null }: { readonly memory?: Memory | null } = {}) {
    super({ steps, memory });
  }

  static override fromParams(params: PipelineParams): Pipeline {
    return new Pipeline(params.steps, params);
  }

  override get tags(): Tags {
    const steps = this.params.steps.flatMap(([, step]) => (step === 'passthrough' ? [] : [step as Partial<Estimator>]));
    const tags = steps.map((step) => step.tags ?? DEFAULT_TAGS);
    const last = this.params.steps.at(-1)?.[1] as Partial<Estimator> | 'passthrough' | undefined;
    const { kind, binaryOnly } =
      last === 'passthrough' ? { ...DEFAULT_TAGS, kind: 'transformer' as const } : (last?.tags ?? DEFAULT_TAGS);
    return {
      ...(tags[0] ?? DEFAULT_TAGS),
      kind,
      binaryOnly,
      requiresY: tags.some((each) => each.requiresY),
      allowsNaN: tags.every((each) => each.allowsNaN),
      stateless: tags.every((each) => each.stateless),
      ignoresX: tags.every((each) => each.ignoresX),
      sampleWeight: false, // it goes to steps by name
    };
  }

  /** Steps by name. */
  get namedSteps(): Readonly<Record<string, AnyEstimator | 'passthrough'>> {
    return Object.fromEntries(this.params.steps);
  }

  /** Labels of the last step, sorted. */
  get classes_(): Label[] | undefined {
    return (this.last() as Last | 'passthrough' as Last).classes_;
  }

  /** As its last step is, as in scikit-learn: transformers before it may have nothing to learn. */
  override get isFitted(): boolean {
    const last = this.last();
    return last === 'passthrough' || ((last as Partial<Estimator>).isFitted ?? true);
  }

  override provides(method: string): boolean {
    const last = this.last();
    if (DELEGATED.has(method)) return last !== 'passthrough' && provides(last, method);
    if (method === 'transform') return last === 'passthrough' || provides(last, 'transform');
    if (method === 'fitTransform') return this.provides('transform');
    return super.provides(method);
  }

  /** Fits each step on what those before it make of X. */
  async fit(X: Features, y?: Labels | ArrayLike<number>, options: StepOptions = {}): Promise<this> {
    const Xt = await this.fitTransformers(X, y, options);
    const last = this.last();
    if (last !== 'passthrough')
      await (last as unknown as Transformer).fit(Xt, y as Labels, this.optionsOf(options).at(-1));
    return this;
  }

  /** Fits, and transforms X by all steps. @throws ParameterError where the last step does not transform */
  async fitTransform(X: Features, y?: Labels, options: StepOptions = {}): Promise<Features> {
    this.need('transform');
    const Xt = await this.fitTransformers(X, y, options);
    const last = this.last();
    return last === 'passthrough' ? Xt : fitTransform(last, Xt, y, this.optionsOf(options).at(-1));
  }

  async transform(X: Features): Promise<Features> {
    this.need('transform');
    const Xt = await this.transformed(X);
    const last = this.last();
    return last === 'passthrough' ? Xt : (last as unknown as Transformer).transform(Xt);
  }

  async predict(X: Features): Promise<Label[] | Float64Array> {
    return this.lastWith('predict').predict(await this.transformed(X));
  }

  async predictProba(X: Features): Promise<Matrix> {
    const last = this.lastWith('predictProba') as Required<Last>;
    return last.predictProba(await this.transformed(X));
  }

  async decisionFunction(X: Features): Promise<Matrix> {
    const last = this.lastWith('decisionFunction') as Required<Last>;
    return last.decisionFunction(await this.transformed(X));
  }

  async score(X: Features, y?: Labels | ArrayLike<number>, options?: FitOptions): Promise<number> {
    return this.lastWith('score').score(await this.transformed(X), y as Labels, options);
  }

  /** As any estimator's; the memory is no part of it. */
  override toState(): EstimatorState {
    return this.params.memory === null ? super.toState() : new Pipeline(this.params.steps).toState();
  }

  protected override namedParts(): readonly (readonly [string, unknown])[] {
    return Array.isArray(this.params.steps) ? this.params.steps : [];
  }

  protected override replacePart(name: string, value: unknown): void {
    const steps = this.params.steps.map((step) => (step[0] === name ? ([name, value] as Step) : step));
    this.setParams({ steps });
  }

  private last(): AnyEstimator | 'passthrough' {
    return this.params.steps.at(-1)?.[1] ?? 'passthrough';
  }

  private lastWith(method: string): Last {
    this.need(method);
    return this.last() as unknown as Last;
  }

  private need(method: string): void {
    if (this.provides(method)) return;
    const [name, step] = this.params.steps.at(-1) ?? [];
    const what = typeof step === 'object' ? `a ${step.constructor.name}` : step;
    throw new ParameterError(`this Pipeline has no ${method}(), for its last step '${name}', ${what}, has none.`);
  }

  /** X as the last step gets it. */
  protected async transformed(X: Features): Promise<Features> {
    this.checkFitted();
    let Xt = X;
    for (const step of this.transformers()) Xt = await (step as unknown as Transformer).transform(Xt);
    return Xt;
  }

  private async fitTransformers(X: Features, y: Labels | undefined, options: StepOptions): Promise<Features> {
    this.checkSteps();
    const own = this.optionsOf(options);
    const cache = this.params.memory === null ? undefined : await stepCache(this.params.memory, X, y);
    let Xt = X;
    for (const [i, [name, step]] of this.params.steps.slice(0, -1).entries()) {
      if (step === 'passthrough') continue;
      if (cache === undefined) Xt = await fitTransform(step, Xt, y, own[i]);
      else {
        const [fitted, made] = await cache.fitTransform(step, Xt, y, own[i]);
        this.replacePart(name, fitted);
        Xt = made;
      }
    }
    return Xt;
  }

  private transformers(): AnyEstimator[] {
    return this.params.steps.slice(0, -1).flatMap(([, step]) => (step === 'passthrough' ? [] : [step]));
  }

  private checkSteps(): void {
    this.checkParams();
    checkNames('Pipeline', this.params.steps, Object.keys(Pipeline.defaults));
    for (const [i, [name, step]] of this.params.steps.entries()) {
      if (step === 'passthrough') continue;
      const isLast = i === this.params.steps.length - 1;
      if (isEstimator(step) && (isLast || provides(step, 'transform'))) continue;
      throw new ParameterError(
        `Pipeline: step '${name}' must be 'passthrough' or ${isLast ? 'an estimator with fit()' : 'a transformer with fit() and transform()'}, for it is ${isLast ? 'the last' : 'not the last'}.`,
      );
    }
  }

  /** Options of each step. @throws ParameterError for names that are no `step__option` */
  private optionsOf(options: StepOptions): FitOptions[] {
    const names = this.params.steps.map(([name]) => name);
    const split = names.map((): Record<string, unknown> => ({}));
    for (const [key, value] of Object.entries(options)) {
      const cut = key.indexOf('__');
      const own = split[names.indexOf(key.slice(0, cut))];
      if (cut < 0 || own === undefined) {
        throw new ParameterError(
          `Pipeline.fit takes options as step__option. Got '${key}'. Steps: ${names.join(', ')}.`,
        );
      }
      own[key.slice(cut + 2)] = value;
    }
    return split;
  }
}

const DELEGATED = new Set(['predict', 'predictProba', 'decisionFunction', 'score']);

/** Loaded on first use: it needs what can be made of states, which is every estimator, this one too. */
async function stepCache(memory: Memory, X: Features, y: unknown): Promise<import('./step-cache.ts').StepCache> {
  const { StepCache } = await import('./step-cache.ts');
  return new StepCache(memory, X, y);
}
