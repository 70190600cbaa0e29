import { setImmediate } from 'node:timers/promises';
import { InputError } from '../base/errors.ts';
import { isSparse, type Matrix } from '../data/features.ts';
import { take } from '../data/take.ts';
import { RandomState, type RandomStateData } from '../random/random-state.ts';
import type { Batch, Engine, NetSpec, NetState } from './engine.ts';
import { EngineError } from './engine-error.ts';

/** What a net learns from. */
export interface Problem {
  readonly X: Matrix;
  /** Rows x outputs. */
  readonly targets: Float32Array;
  /** A weight a row, above zero; all 1 where there are none. */
  readonly weights: Float32Array | undefined;
}

/** How it learns. */
export interface Schedule {
  readonly batchSize: number;
  /** Epochs at the end, those of `Progress` among them. */
  readonly nEpochs: number;
  readonly keepProb: number;
}

/** How far a net has come: plain data, from which it goes on as if it had not been interrupted. */
export interface Progress {
  readonly state: NetState;
  readonly random: RandomStateData;
  readonly epochs: number;
  /** The mean loss of each epoch. */
  readonly losses: readonly number[];
  /** A monitor has ended it. */
  readonly stopped: boolean;
}

/** Called after each epoch, which counts from 0; true ends the training. */
export type AfterEpoch = (epoch: number, loss: number, progress: () => Promise<Progress>) => Promise<boolean>;

/**
 * Takes a net through its epochs: in each, all rows once, in an order and with dropout that the random state gives.
 * @throws EngineError where the engine fails; InputError where the loss is no number any more
 */
export async function train(
  engine: Engine,
  spec: NetSpec,
  problem: Problem,
  schedule: Schedule,
  from: Progress,
  afterEpoch: AfterEpoch,
): Promise<Progress> {
  const random = new RandomState(0).setState(from.random);
  const losses = [...from.losses];
  let { epochs, stopped } = from;
  const byEngine = async <T>(operation: () => T | Promise<T>): Promise<T> => {
    try {
      return await operation();
    } catch (error) {
      throw new EngineError(engine.name, epochs - from.epochs, error);
    }
  };
  const net = await byEngine(() => engine.open(spec, from.state));
  const progress = async (): Promise<Progress> => {
    const state = await byEngine(() => net.state());
    return { state, random: random.getState(), epochs, losses: [...losses], stopped };
  };
  const { rows } = problem.X;
  const total = problem.weights?.reduce((sum, each) => sum + each, 0) ?? rows;
  try {
    while (epochs < schedule.nEpochs && !stopped) {
      const order = random.permutation(rows);
      const sum = await byEngine(async () => {
        for (let start = 0; start < rows; start += schedule.batchSize) {
          const batch = batchOf(problem, order.subarray(start, start + schedule.batchSize), spec, schedule, random);
          const step = net.step(batch);
          if (step !== undefined) await step;
        }
        return net.takeLoss();
      });
      const loss = sum / total;
      if (!Number.isFinite(loss)) {
        throw new InputError(
          `the net diverged: its loss is ${loss} after epoch ${epochs}. Scale X, as a StandardScaler does, or lower the learningRate in solverKwargs.`,
        );
      }
      losses.push(loss);
      epochs += 1;
      stopped = await afterEpoch(epochs - 1, loss, progress);
      await setImmediate(); // what waits for its turn, an abort among it, gets one
    }
    return await progress();
  } finally {
    net.close();
  }
}

function batchOf(
  { X, targets, weights }: Problem,
  rows: Int32Array,
  { sizes }: NetSpec,
  { keepProb }: Schedule,
  random: RandomState,
): Batch {
  const outputs = sizes.at(-1) as number;
  const own = take({ data: targets, rows: X.rows, cols: outputs }, rows);
  return {
    X: inFloats(take(X, rows)),
    targets: own.data as Float32Array,
    weights: weights && take(weights, rows),
    masks: keepProb === 1 ? [] : sizes.slice(1, -1).map((units) => maskOf(rows.length * units, keepProb, random)),
  };
}

/** A matrix whose numbers are 32-bit floats. */
export function inFloats(X: Matrix): Matrix {
  if (X.data instanceof Float32Array) return X;
  const data = Float32Array.from(X.data);
  return isSparse(X) ? { ...X, data } : { ...X, data };
}

function maskOf(length: number, keepProb: number, random: RandomState): Float32Array {
  const mask = new Float32Array(length);
  for (let i = 0; i < length; i += 1) if (random.random() < keepProb) mask[i] = 1 / keepProb;
  return mask;
}
