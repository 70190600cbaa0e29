import { type Constraints, integer, NULL, oneOf, RANDOM_STATE, real, show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { take } from '../data/take.ts';
import { checkRandomState, RandomState, type RandomStateData } from '../random/random-state.ts';
import { type CheckpointOptions, Checkpoints } from './checkpoints.ts';
import { chooseEngine, ENGINE_WISHES } from './choose-engine.ts';
import { type NetSpec, type OutputKind, slotsOf } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { forward } from './forward.ts';
import { initialState } from './initial-state.ts';
import type { MlpFitOptions, MlpParams, MlpPartialFitOptions } from './mlp-params.ts';
import { solverOf } from './solver-settings.ts';
import { SummaryWriter } from './summary/summary-writer.ts';
import { refuse } from './tensorflow/resolve.ts';
import { type AfterEpoch, inFloats, type Problem, type Progress, train } from './train.ts';

/** Targets as a net learns them. */
export interface NetTargets {
  /** Rows x outputs. */
  readonly data: Float32Array;
  readonly outputs: number;
  readonly kind: OutputKind;
}

const PARTIAL_FIT_OPTIONS = ['sampleWeight', 'monitor', 'validation', 'summary'];
/** Rows that answers are computed for at once. */
const BLOCK = 1024;

/**
 * What multilayer perceptrons share: layers, training, and the values of layers. The interface is muffnn's, of Civis
 * Analytics. Answers are computed by our own engine whatever the net was trained with, so they need no TensorFlow.
 */
export abstract class MlpEstimator<Y> extends Estimator<MlpParams> {
  static override readonly defaults: MlpParams = {
    hiddenUnits: [256],
    batchSize: 64,
    nEpochs: 5,
    keepProb: 1,
    activation: 'relu',
    solver: 'adam',
    solverKwargs: null,
    initScale: 0.1,
    randomState: null,
    transformLayerIndex: null,
    engine: 'auto',
  };
  static override readonly constraints: Constraints = {
    hiddenUnits: [{ is: 'array' }],
    batchSize: [integer('[1, inf)')],
    nEpochs: [integer('[1, inf)')],
    keepProb: [real('(0, 1]')],
    activation: [oneOf('relu', 'tanh', 'sigmoid', 'identity')],
    solver: [oneOf('adam', 'sgd', 'adagrad', 'rmsprop')],
    solverKwargs: [{ is: 'object' }, NULL],
    initScale: [real('(0, inf)')],
    randomState: [RANDOM_STATE],
    transformLayerIndex: [integer('[0, inf)'), NULL],
    engine: [ENGINE_WISHES],
  };

  /** Weights of each layer: inputs x units. */
  declare coefs_: DenseMatrix[];
  /** Biases of each layer. */
  declare intercepts_: Float32Array[];
  /** Epochs taken. */
  declare nIter_: number;
  /** The mean loss of each epoch. */
  declare lossCurve_: number[];
  /** The engine that it was trained with. */
  declare engine_: string;
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** What `partialFit` goes on from, besides the weights. */
  declare solverState_: {
    readonly slots: readonly Float32Array[];
    readonly steps: number;
    readonly random: RandomStateData;
  };

  /** The values of a hidden layer for each row: see `transformLayerIndex`. Those of the outputs where none is hidden. */
  async transform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const last = this.coefs_.length - 2;
    const layer = Math.max(this.params.transformLayerIndex ?? last, 0);
    if (layer > Math.max(last, 0)) {
      throw new ParameterError(
        `The 'transformLayerIndex' parameter of ${this.class.name} must be below the number of hidden layers, ${last + 1}. Got ${layer} instead.`,
      );
    }
    return this.valuesOf(X, layer);
  }

  /** What a layer makes of rows; the last gives sums. */
  protected valuesOf(X: Features, layer?: number): DenseMatrix & { data: Float64Array } {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols: this.nFeaturesIn_ });
    const { rows } = matrix;
    const last = layer ?? this.coefs_.length - 1;
    const { length: cols } = this.intercepts_[last] as Float32Array;
    const data = new Float64Array(rows * cols);
    for (let start = 0; start < rows; start += BLOCK) {
      const block = Array.from({ length: Math.min(BLOCK, rows - start) }, (_, row) => start + row);
      const values = forward(inFloats(take(matrix, block)), this.weights(), this.params.activation, last);
      data.set(values, start * cols);
    }
    return { data, rows, cols };
  }

  /** Learns from the start. `adopt` notes what it is that is learned, once all was checked. */
  protected async learn(
    X: Matrix,
    targets: NetTargets,
    options: MlpFitOptions<this, Y>,
    adopt: () => void,
  ): Promise<this> {
    const spec = this.specOf(X.cols, targets);
    const problem = this.problemOf(X, targets, options, [...PARTIAL_FIT_OPTIONS, 'checkpoint']);
    const random = checkRandomState(this.params.randomState);
    const checkpoints = options.checkpoint && (await this.checkpointsOf(options.checkpoint, problem, spec));
    const kept = await checkpoints?.latest(this.params.nEpochs);
    const from = kept ?? {
      state: initialState(spec, this.params.initScale, random),
      random: random.getState(),
      epochs: 0,
      losses: [],
      stopped: false,
    };
    this.forget();
    adopt();
    try {
      const end = await this.run(spec, problem, from, this.params.nEpochs, options, checkpoints);
      random.setState(end.random);
    } catch (error) {
      if (this.coefs_ === undefined) this.forget();
      throw error;
    }
    return this;
  }

  /** Goes on from where it is, for `nEpochs` more. */
  protected async learnMore(X: Matrix, targets: NetTargets, options: MlpPartialFitOptions<this, Y>): Promise<this> {
    const spec = this.specOf(X.cols, targets);
    const { slots, steps, random } = this.solverState_;
    const state = { weights: this.weights(), slots, steps };
    const sizes = [X.cols, ...this.intercepts_.map(({ length }) => length)];
    if (`${spec.sizes}` !== `${sizes}` || slots.length !== slotsOf(spec.solver) * state.weights.length) {
      throw new ParameterError(
        `${this.class.name}.partialFit goes on with the hiddenUnits and the solver that it was fitted with. They were changed: call fit.`,
      );
    }
    const from = { state, random, epochs: this.nIter_, losses: this.lossCurve_, stopped: false };
    const problem = this.problemOf(X, targets, options);
    await this.run(spec, problem, from, this.nIter_ + this.params.nEpochs, options, undefined);
    return this;
  }

  abstract score(X: Features, y: Y, options?: FitOptions): Promise<number>;

  private async run(
    spec: NetSpec,
    problem: Problem,
    from: Progress,
    nEpochs: number,
    { monitor, validation, summary }: MlpPartialFitOptions<this, Y>,
    checkpoints: Checkpoints | undefined,
  ): Promise<Progress> {
    const started = performance.now();
    const writer = summary === undefined ? undefined : new SummaryWriter(summary);
    const { batchSize, keepProb, engine: wish } = this.params;
    for (;;) {
      const { engine, automatic } = await chooseEngine(wish);
      const afterEpoch: AfterEpoch = async (epoch, loss, progress) => {
        if (monitor !== undefined || validation !== undefined) this.keep(await progress(), engine.name);
        const score = validation && { score: await this.score(validation.X, validation.y) };
        const stats = { loss, ...score, seconds: (performance.now() - started) / 1000 };
        await writer?.write(epoch, { loss, ...score });
        const stopped = (await monitor?.(epoch, this, stats)) === true;
        await checkpoints?.save(epoch + 1, async () => ({ ...(await progress()), stopped }));
        return stopped;
      };
      try {
        const end = await train(engine, spec, problem, { batchSize, nEpochs, keepProb }, from, afterEpoch);
        this.keep(end, engine.name);
        return end;
      } catch (error) {
        if (!(automatic && error instanceof EngineError && error.epochs === 0)) throw error;
        refuse(engine.name, error.cause);
        process.emitWarning(`${error.message} The next engine takes its place.`, 'EngineWarning');
      }
    }
  }

  private async checkpointsOf(options: CheckpointOptions, problem: Problem, spec: NetSpec): Promise<Checkpoints> {
    const { batchSize, keepProb, initScale, randomState, engine: wish } = this.params;
    const { engine } = await chooseEngine(wish);
    const seed = randomState instanceof RandomState ? randomState.getState() : randomState;
    return new Checkpoints(checked(options), [spec, batchSize, keepProb, initScale, seed, engine.name], problem);
  }

  private keep({ state, random, epochs, losses }: Progress, engine: string): void {
    const { weights, slots, steps } = state;
    const ofKind = (kind: 0 | 1): Float32Array[] => weights.filter((_, at) => at % 2 === kind);
    this.intercepts_ = ofKind(1);
    this.coefs_ = ofKind(0).map((data, layer) => {
      const { length: cols } = this.intercepts_[layer] as Float32Array;
      return { data, rows: data.length / cols, cols };
    });
    this.nFeaturesIn_ = (this.coefs_[0] as DenseMatrix).rows;
    this.nIter_ = epochs;
    this.lossCurve_ = [...losses];
    this.engine_ = engine;
    this.solverState_ = { slots, steps, random };
  }

  private weights(): Float32Array[] {
    return this.coefs_.flatMap(({ data }, layer) => [data as Float32Array, this.intercepts_[layer] as Float32Array]);
  }

  private specOf(inputs: number, { outputs, kind }: NetTargets): NetSpec {
    const { hiddenUnits, activation, solver, solverKwargs } = this.params;
    const owner = this.class.name;
    for (const units of hiddenUnits) {
      if (Number.isInteger(units) && units > 0) continue;
      throw new ParameterError(
        `The 'hiddenUnits' parameter of ${owner} must be an array of integers from 1. Got ${show(units)} in it instead.`,
      );
    }
    return {
      sizes: [inputs, ...hiddenUnits, outputs],
      activation,
      output: kind,
      solver: solverOf(solver, solverKwargs, owner),
    };
  }

  /** Rows of weight zero are left out: they would still fill batches. */
  private problemOf(
    X: Matrix,
    { data, outputs }: NetTargets,
    options: MlpPartialFitOptions<this, Y>,
    allowed: readonly string[] = PARTIAL_FIT_OPTIONS,
  ): Problem {
    for (const name of Object.keys(options)) {
      if (allowed.includes(name)) continue;
      throw new ParameterError(
        `${this.class.name} has no option '${name}' of fit. Options are: ${allowed.join(', ')}.`,
      );
    }
    if (options.sampleWeight === undefined) return { X, targets: data, weights: undefined };
    const weights = Float32Array.from(checkSampleWeight(options.sampleWeight, X.rows, this.class.name));
    const rows = Array.from(weights.keys()).filter((row) => (weights[row] as number) > 0);
    const targets = take({ data, rows: X.rows, cols: outputs }, rows).data as Float32Array;
    return { X: take(X, rows), targets, weights: take(weights, rows) };
  }
}

function checked(options: CheckpointOptions): CheckpointOptions {
  if (Number.isInteger(options.every) && options.every > 0 && typeof options.memory?.cache === 'function')
    return options;
  throw new ParameterError(
    `The option 'checkpoint' must be { every, memory }: an integer from 1, and a Memory. Got ${show(options.every)} and ${show(options.memory)}.`,
  );
}
