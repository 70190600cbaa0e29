import { effectiveNJobs } from '@jobloom/parallel';
import { chooseEngine } from './choose-engine.ts';
import { CANDIDATES } from './tensorflow/candidates.ts';
import { place } from './tensorflow/resolve.ts';

/** Which engine nets have in this thread, and why no other. */
export interface TfStatus {
  /** What `engine: 'auto'` takes. */
  readonly auto: string;
  /** What `engine: 'tfjs'` takes. */
  readonly tfjs: string;
  /** For each engine whether it is what `'tfjs'` takes, or why it was refused. */
  readonly engines: Readonly<Record<string, string>>;
  /** What had a say, besides the order. */
  readonly environment: { readonly JOBLOOM_TF: string | undefined; readonly setTensorflow: boolean };
  /** Threads that TensorFlow.js may use here: the CPUs of this worker. */
  readonly threads: number;
}

/** Finds out, and loads what `engine: 'tfjs'` takes for that. @throws EngineError, ParameterError as a fit would */
export async function tfStatus(): Promise<TfStatus> {
  const [auto, tfjs] = [(await chooseEngine('auto')).engine.name, (await chooseEngine('tfjs')).engine.name];
  const { given, refused } = place();
  const states = [...CANDIDATES, 'native'].map((name): [string, string] => {
    const reason = refused.get(name);
    if (name === tfjs) return [name, 'chosen'];
    return [name, reason === undefined ? 'not tried' : `refused: ${reason}`];
  });
  const { JOBLOOM_TF } = process.env;
  return {
    auto,
    tfjs,
    engines: Object.fromEntries(states),
    environment: { JOBLOOM_TF, setTensorflow: given !== undefined },
    threads: await effectiveNJobs(-1),
  };
}
