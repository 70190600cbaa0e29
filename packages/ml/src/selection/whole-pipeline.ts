import { Pipeline, type Step } from '../compose/pipeline.ts';
import type { Features } from '../data/features.ts';

/** Data as it is, and what the transformers of a prefix make of it. */
export interface Prepared {
  readonly raw: Features;
  readonly made: Features;
}

/**
 * A fitted pipeline, put together of a prefix and what was fitted behind it, for scoring functions that look inside.
 * Of these data it knows what its transformers make, and transforms them no second time.
 */
export async function wholePipeline(
  prefix: readonly Step[],
  rest: Pipeline,
  known: readonly Prepared[],
): Promise<Pipeline> {
  const inner = new Pipeline(rest.params.steps.slice(0, -1));
  const outputs = new Map<Features, Features>();
  for (const { raw, made } of known)
    outputs.set(raw, inner.params.steps.length > 0 ? await inner.transform(made) : made);
  return new PrecomputedPipeline([...prefix, ...rest.params.steps], outputs);
}

/** A fitted pipeline that knows what its transformers make of some data: of these very objects, which it need not transform. */
class PrecomputedPipeline extends Pipeline {
  readonly #known: ReadonlyMap<Features, Features>;

  constructor(steps: readonly Step[], known: ReadonlyMap<Features, Features>) {
    super(steps);
    this.#known = known;
  }

  protected override async transformed(X: Features): Promise<Features> {
    return this.#known.get(X) ?? super.transformed(X);
  }
}
