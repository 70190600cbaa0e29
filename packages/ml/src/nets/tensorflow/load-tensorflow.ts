import { EngineError } from '../engine-error.ts';
import type { Tensorflow, TensorflowName } from './candidates.ts';
import { firstUsable, loadByName, ofGiven, place } from './resolve.ts';

/**
 * TensorFlow.js for programs of your own: with the backend of this name, or with what `setTensorflow` gave, or else
 * the first that can be used here. Loaded when it is asked for, once a thread.
 * @throws EngineError with the reason why it can't be used
 * @example
 * const tf = await loadTensorflow('wasm');
 * tf.tidy(() => tf.matMul(a, b).dataSync());
 */
export async function loadTensorflow(name?: TensorflowName): Promise<Tensorflow> {
  const { given, refused } = place();
  if (name !== undefined) return (await loadByName(name)).tf;
  const loaded = given === undefined ? await firstUsable() : await ofGiven(given);
  if (loaded !== undefined) return loaded.tf;
  throw new EngineError('tfjs', 0, [...refused].map(([engine, reason]) => `${engine}: ${reason}`).join('; '));
}
