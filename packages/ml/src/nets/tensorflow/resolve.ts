import { show } from '../../base/constraints.ts';
import { ParameterError } from '../../base/errors.ts';
import { EngineError, reasonOf } from '../engine-error.ts';
import { CANDIDATES, loadCandidate, type Tensorflow, type TensorflowName } from './candidates.ts';
import { loadedCores, severalCopies } from './copies-of-core.ts';
import { probe } from './probe.ts';

/** TensorFlow.js that can be used, and how it runs. */
export interface LoadedTensorflow {
  /** `'given'`: it came by `setTensorflow`. */
  readonly name: TensorflowName | 'given';
  /** Its backend: `'tensorflow'`, `'wasm'`, `'cpu'` or another. */
  readonly backend: string;
  readonly tf: Tensorflow;
}

interface Place {
  given?: Tensorflow;
  readonly loaded: Map<TensorflowName, Promise<LoadedTensorflow>>;
  readonly refused: Map<string, string>;
}

const KEY = Symbol.for('jobloom.ml.tensorflow');

/** One a thread, whichever copy of the package asks. */
export function place(): Place {
  const holder = globalThis as { [KEY]?: Place };
  holder[KEY] ??= { loaded: new Map(), refused: new Map() };
  return holder[KEY];
}

/**
 * Nets of this thread use this TensorFlow.js, with the backend that it has, in the place of what would be chosen;
 * undefined takes that back. Threads and processes have modules of their own: call it in `initWorker` for them.
 * @throws ParameterError for what is no TensorFlow.js, and where it brings a second copy of tfjs-core
 * @example setTensorflow(await import('@tensorflow/tfjs-node-gpu'));
 */
export function setTensorflow(module: unknown): void {
  const here = place();
  if (module === undefined) {
    delete here.given;
    return;
  }
  const tf = ((module as { default?: unknown } | null)?.default ?? module) as Partial<Tensorflow>;
  for (const name of ['tidy', 'variableGrads', 'matMul', 'setBackend'] as const) {
    if (typeof tf?.[name] === 'function') continue;
    throw new ParameterError(`setTensorflow takes TensorFlow.js as a module. Got ${show(module)}, without ${name}().`);
  }
  const wrong = severalCopies(loadedCores());
  if (wrong !== undefined) throw new ParameterError(`setTensorflow: ${wrong}.`);
  here.given = tf as Tensorflow;
}

/** A candidate, loaded and tried once a thread. @throws EngineError with the reason, the same each time */
export async function loadByName(name: TensorflowName): Promise<LoadedTensorflow> {
  const here = place();
  const loading = here.loaded.get(name) ?? tried(name);
  here.loaded.set(name, loading);
  const loaded = await loading;
  if (loaded.tf.getBackend() !== loaded.backend) await loaded.tf.setBackend(loaded.backend);
  return loaded;
}

async function tried(name: TensorflowName): Promise<LoadedTensorflow> {
  try {
    const tf = await loadCandidate(name);
    probe(tf);
    return { name, backend: tf.getBackend(), tf };
  } catch (error) {
    refuse(name, error);
    throw new EngineError(name, 0, error);
  }
}

/** Notes why an engine is not used any more in this thread. */
export function refuse(name: string, error: unknown): void {
  place().refused.set(name, reasonOf(error));
}

/** TensorFlow.js by the first candidate that can be used. Undefined where none can. */
export async function firstUsable(): Promise<LoadedTensorflow | undefined> {
  const { refused } = place();
  for (const name of CANDIDATES) {
    if (refused.has(name)) continue;
    try {
      return await loadByName(name);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  }
  return undefined;
}

/** What `setTensorflow` gave, ready. */
export async function ofGiven(tf: Tensorflow): Promise<LoadedTensorflow> {
  await tf.ready();
  return { name: 'given', backend: tf.getBackend(), tf };
}
