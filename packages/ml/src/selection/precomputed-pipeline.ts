import { Pipeline, type Step } from '../compose/pipeline.ts';
import type { Features } from '../data/features.ts';

/** A fitted pipeline that knows what its transformers make of some data: of these very objects, which it need not transform. */
export class PrecomputedPipeline extends Pipeline {
  readonly #known: ReadonlyMap<Features, Features>;

  constructor(steps: readonly Step[], known: ReadonlyMap<Features, Features>) {
    super(steps);
    this.#known = known;
  }

  protected override async transformed(X: Features): Promise<Features> {
    return this.#known.get(X) ?? super.transformed(X);
  }
}
