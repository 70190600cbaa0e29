import { hash, type Memory } from '@jobloom/memory';
import { clone } from '../base/clone.ts';
import { StateError } from '../base/errors.ts';
import { type AnyEstimator, type Estimator, isEstimator } from '../base/estimator.ts';
import { identityOf } from '../base/identity.ts';
import type { FitOptions } from '../base/interfaces.ts';
import type { Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { restoreFitted } from '../state/from-state.ts';
import { fittedData } from '../state/to-state.ts';
import { fitTransform } from './fit-transform.ts';

/** What a transformer and the estimators within it learned, as data. */
interface Learned {
  readonly own: Readonly<Record<string, unknown>>;
  readonly parts: Readonly<Record<string, Learned>>;
}

/**
 * Fitted transformers of a pipeline and what they made, in a Memory. A step is found where it and all before it are what
 * they were, with their code, parameters and options, and so is the data.
 */
export class StepCache {
  readonly #memory: Memory;
  #key: string;

  constructor(memory: Memory, X: Features, y: unknown) {
    this.#memory = memory;
    this.#key = hash([1, X, y ?? null]);
  }

  /** A fitted clone of the next step, and what it makes of X: read where it is there, computed by one of all who ask otherwise. */
  async fitTransform(
    step: AnyEstimator,
    X: Features,
    y: Labels | undefined,
    options: FitOptions | undefined,
  ): Promise<readonly [fitted: AnyEstimator, Xt: Features]> {
    const fitted = clone(step);
    this.#key = hash([this.#key, identityOf(step), options ?? {}]);
    const compute = async (_key: string): Promise<{ readonly learned: Learned; readonly Xt: Features }> => {
      const Xt = await fitTransform(fitted, X, y, options);
      return { learned: learnedBy(fitted), Xt };
    };
    const cached = this.#memory.cache(compute, {
      name: 'jobloom.ml.steps',
      code: 'none',
      key: (key) => key,
      singleFlight: { always: true },
    });
    try {
      const { learned, Xt } = await cached(this.#key);
      teach(fitted, learned);
      return [fitted, Xt];
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      process.emitWarning(
        `A step of a pipeline is not kept in its memory, for what it learned is no data: ${error.message}`,
        {
          code: 'JOBLOOM_STEP_NOT_KEPT',
        },
      );
      return [fitted, await fitTransform(fitted, X, y, options)];
    }
  }
}

function learnedBy(estimator: AnyEstimator): Learned {
  if (typeof (estimator as Partial<Estimator>).fitted !== 'function')
    throw new StateError(`${estimator.constructor.name} does not extend Estimator, so what it learned is not known.`);
  const parts = partsOf(estimator).map(([name, part]) => [name, learnedBy(part)] as const);
  return { own: fittedData(estimator as unknown as Estimator), parts: Object.fromEntries(parts) };
}

function teach(estimator: AnyEstimator, { own, parts }: Learned): void {
  restoreFitted(estimator, own);
  for (const [name, part] of partsOf(estimator)) teach(part, parts[name] as Learned);
}

/** Estimators within, by name. */
function partsOf(estimator: AnyEstimator): [string, AnyEstimator][] {
  return Object.entries(estimator.getParams(true)).filter(
    (entry): entry is [string, AnyEstimator] => !entry[0].includes('__') && isEstimator(entry[1]),
  );
}
