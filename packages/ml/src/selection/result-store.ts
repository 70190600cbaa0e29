import { hash, type Memoized, type Memory } from '@jobloom/memory';
import { identityOf } from '../base/identity.ts';
import type { FitOutcome } from './cv-results.ts';
import type { Evaluated } from './fit-unit.ts';
import type { Params } from './parameter-grid.ts';
import type { SearchData } from './search-data.ts';
import type { Split } from './splitter.ts';

/**
 * What fits gave, in a Memory: a search that was interrupted goes on where it was. A fit is found again where the
 * estimator with its code, the parameters, the rows of the split, the data and the scoring are the same.
 */
export class ResultStore {
  readonly #kept: Memoized<[string], FitOutcome | undefined>;
  readonly #arrived = new Map<string, FitOutcome>();
  readonly #base: string;
  readonly #splits: readonly string[];

  constructor(
    memory: Memory,
    { estimator, scoring, returnTrainScore }: Evaluated,
    { X, y, splits, fitOptions }: SearchData,
  ) {
    const arrived = this.#arrived;
    this.#kept = memory.cache((key: string) => arrived.get(key), {
      name: 'jobloom.ml.fits',
      code: 'none',
      key: (key) => key,
      singleFlight: false,
      cacheIf: (outcome) => outcome !== undefined,
    });
    this.#base = hash([1, identityOf(estimator), identityOf(scoring), returnTrainScore, X, y, fitOptions]);
    this.#splits = splits.map(({ train, test }: Split) => hash([train, test]));
  }

  /** What an earlier search found. */
  async read(params: Params, split: number): Promise<FitOutcome | undefined> {
    const key = this.#key(params, split);
    return (await this.#kept.checkCallInCache(key)) ? this.#kept(key) : undefined;
  }

  async write(params: Params, split: number, { fitMs, scoreMs, test, train }: FitOutcome): Promise<void> {
    const key = this.#key(params, split);
    this.#arrived.set(key, { fitMs, scoreMs, test, ...(train && { train }) });
    await this.#kept(key);
    this.#arrived.delete(key);
  }

  #key(params: Params, split: number): string {
    return hash([this.#base, identityOf(params), this.#splits[split]]);
  }
}
