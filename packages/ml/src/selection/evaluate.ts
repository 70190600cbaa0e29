import { delayed, type Parallel, type Shared, share, type Task } from '@jobloom/parallel';
import { isEstimator } from '../base/estimator.ts';
import { Pipeline } from '../compose/pipeline.ts';
import type { FitOutcome, ScoreSet } from './cv-results.ts';
import { type Evaluated, fitUnit, type PrefixOutput, type UnitResult } from './fit-unit.ts';
import type { Params } from './parameter-grid.ts';
import { planUnits, type Unit, type Wanted } from './plan.ts';
import type { ResultStore } from './result-store.ts';
import type { SearchData } from './search-data.ts';
import { isLost, type Lost } from './search-runner.ts';
import { stepKeysOf } from './step-keys.ts';
import { WorkQueue } from './work-queue.ts';

/** A fit that came to its end, as it is told while a search runs. */
export interface FitEvent {
  /** Position among the candidates. */
  readonly candidate: number;
  readonly params: Params;
  readonly split: number;
  /** Test scores by name; `score` where there is one. */
  readonly scores: ScoreSet;
  readonly fitMs: number;
  readonly scoreMs: number;
  /** Why it failed. */
  readonly error?: unknown;
  /** It was computed by an earlier search, and read from its Memory. */
  readonly fromMemory: boolean;
  /** Fits done so far, and all. */
  readonly done: number;
  readonly total: number;
}

export interface Evaluation extends Evaluated {
  readonly data: SearchData;
  readonly candidates: readonly Params[];
  /** On which splits, by their numbers; on all where it is left out. */
  readonly on?: readonly number[] | undefined;
  readonly errorScore: number | 'raise';
  readonly store?: ResultStore | undefined;
  readonly onResult?: ((event: FitEvent) => void) | undefined;
}

/** What a leaf gave, before failures became scores. */
export type LeafOutcome = FitOutcome & { readonly estimator?: unknown };

/**
 * Fits and scores each candidate on each split, on the runner: in any order, with the same outcomes in the same places.
 * @throws the first error of a fit where `errorScore` is 'raise'; what the runner throws
 * @returns candidates x splits, in the order of `on`
 */
export async function evaluate(
  evaluation: Evaluation,
  runner: Parallel,
  shared: Shared<SearchData>,
): Promise<LeafOutcome[][]> {
  const { candidates, data, store, errorScore, onResult } = evaluation;
  const outcomes = candidates.map((): LeafOutcome[] => []);
  const on = evaluation.on ?? Array.from(data.splits.keys());
  const placeOf = new Map(on.map((split, place) => [split, place]));
  const total = candidates.length * on.length;
  let done = 0;
  const settle = (wanted: Wanted, outcome: LeafOutcome, fromMemory: boolean): void => {
    const { candidate } = wanted;
    const split = placeOf.get(wanted.split) as number;
    if (outcome.error !== undefined && errorScore === 'raise') throw outcome.error;
    (outcomes[candidate] as LeafOutcome[])[split] = outcome;
    done += 1;
    const { test, fitMs, scoreMs, error } = outcome;
    const failure = error === undefined ? {} : { error };
    const params = candidates[candidate] as Params;
    onResult?.({ candidate, params, split, scores: test, fitMs, scoreMs, ...failure, fromMemory, done, total });
  };
  const wanted: Wanted[] = [];
  for (const split of on)
    for (let candidate = 0; candidate < candidates.length; candidate += 1) {
      const known = await store?.read(candidates[candidate] as Params, split);
      if (known === undefined) wanted.push({ candidate, split });
      else settle({ candidate, split }, known, true);
    }
  const units = planUnits(keysOf(evaluation), wanted);
  await new UnitRun(evaluation, shared, units, async (unit, outcome) => {
    if (outcome.error === undefined) await store?.write(candidates[unit.candidate] as Params, unit.split, outcome);
    settle(unit, outcome, false);
  }).on(runner);
  return outcomes;
}

/** Keys of steps, which tell what candidates have in common. Only a plain pipeline is cut. */
function keysOf({ estimator, candidates }: Evaluation): string[][] {
  if (!isEstimator(estimator) || estimator.constructor !== Pipeline) return candidates.map((_, at) => [String(at)]);
  return stepKeysOf(
    candidates,
    (estimator as Pipeline).params.steps.map(([name]) => name),
  );
}

/** The units of an evaluation on their way through a runner. */
class UnitRun {
  readonly #evaluation: Evaluation;
  readonly #shared: Shared<SearchData>;
  readonly #units: readonly Unit[];
  readonly #queue: WorkQueue;
  readonly #onLeaf: (unit: Unit, outcome: LeafOutcome) => Promise<void>;
  /** What prefixes gave, and how many units still need it. */
  readonly #outputs = new Map<number, { readonly shared: Shared<PrefixOutput>; users: number }>();
  readonly #given: Unit[] = [];
  #wake: (() => void) | undefined;

  constructor(
    evaluation: Evaluation,
    shared: Shared<SearchData>,
    units: readonly Unit[],
    onLeaf: (unit: Unit, outcome: LeafOutcome) => Promise<void>,
  ) {
    this.#evaluation = evaluation;
    this.#shared = shared;
    this.#units = units;
    this.#queue = new WorkQueue(units);
    this.#onLeaf = onLeaf;
  }

  async on(runner: Parallel): Promise<void> {
    try {
      for await (const result of runner.stream<UnitResult | Lost>(this.#tasks(), { ordered: false }))
        await this.#arrived(isLost(result) ? this.#lost(result) : result);
    } finally {
      for (const { shared } of this.#outputs.values()) await shared.dispose();
    }
  }

  async *#tasks(): AsyncGenerator<Task<UnitResult>> {
    while (!this.#queue.isFinished) {
      const unit = this.#queue.take();
      if (unit === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#given.push(unit);
      yield this.#task(unit);
    }
  }

  #task(unit: Unit): Task<UnitResult> {
    const { candidates, estimator, scoring, returnTrainScore, returnEstimator } = this.#evaluation;
    const { index, kind, split, from, to, parent } = unit;
    const params = candidates[unit.candidate] as Params;
    const job = {
      estimator,
      scoring,
      returnTrainScore,
      returnEstimator,
      params,
      unit: { index, kind, split, from, to },
    };
    const input = parent === undefined ? [] : [this.#outputs.get(parent)?.shared as Shared<PrefixOutput>];
    return delayed(fitUnit)(this.#shared, job, ...input) as Task<UnitResult>;
  }

  async #arrived(result: UnitResult): Promise<void> {
    const unit = this.#units[result.unit] as Unit;
    if (result.kind === 'failed') await this.#failed(unit, result);
    else {
      if (result.kind === 'prefix') {
        const users = this.#units.filter(({ parent }) => parent === unit.index).length;
        this.#outputs.set(unit.index, { shared: share(result.output), users });
      } else await this.#onLeaf(unit, this.#outcomeOf(result));
      this.#queue.done(unit, result.ms);
    }
    const used = unit.parent === undefined ? undefined : this.#outputs.get(unit.parent);
    if (used !== undefined && --used.users === 0) {
      this.#outputs.delete(unit.parent as number);
      await used.shared.dispose();
    }
    this.#wake?.();
  }

  /** What a task gave that was lost, timed out or could not be sent. */
  #lost({ lost, error }: Lost): UnitResult {
    return { unit: (this.#given[lost] as Unit).index, ms: 0, kind: 'failed', fitMs: Number.NaN, error };
  }

  async #failed(unit: Unit, { fitMs, error }: Extract<UnitResult, { kind: 'failed' }>): Promise<void> {
    const leaves = unit.kind === 'leaf' ? [unit] : [];
    for (const leaf of [...leaves, ...this.#queue.fail(unit)])
      await this.#onLeaf(leaf, { fitMs, scoreMs: 0, test: {}, error });
  }

  #outcomeOf(result: Extract<UnitResult, { kind: 'leaf' }>): LeafOutcome {
    const { unit: _unit, ms: _ms, kind: _kind, test = {}, ...rest } = result;
    return { ...rest, test };
  }
}
