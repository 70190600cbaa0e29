import { oneOf, show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { Engine } from './engine.ts';
import { nativeEngine } from './native-engine.ts';
import { CANDIDATES, type TensorflowName } from './tensorflow/candidates.ts';
import { firstUsable, loadByName, ofGiven, place } from './tensorflow/resolve.ts';
import { tensorflowEngine } from './tensorflow/tensorflow-engine.ts';

/** Engines by name: ours, and the ways to run TensorFlow.js. */
export type EngineName = TensorflowName | 'native';

/**
 * What computes a net. `'auto'`: what `setTensorflow` gave, or the environment variable JOBLOOM_TF names, or else
 * `'native'`, so that a program computes the same on every machine. `'tfjs'`: what `setTensorflow` gave, or JOBLOOM_TF
 * names, or else the first that can be used here of tfjs-node-gpu, tfjs-node, wasm, cpu, native. Others: that one.
 */
export type EngineWish = EngineName | 'auto' | 'tfjs';

const NAMES = [...CANDIDATES, 'native'] as const;

/** What the parameter `engine` may be. */
export const ENGINE_WISHES: ReturnType<typeof oneOf> = oneOf('auto', 'tfjs', ...NAMES);

/** An engine, and whether another may take its place if it fails. */
export interface Choice {
  readonly engine: Engine;
  readonly automatic: boolean;
}

/** @throws EngineError where the one that is wished for can't be used; ParameterError for a JOBLOOM_TF that is no engine */
export async function chooseEngine(wish: EngineWish): Promise<Choice> {
  const { given } = place();
  const isOpen = wish === 'auto' || wish === 'tfjs';
  if (isOpen && given !== undefined) return fixed(tensorflowEngine(await ofGiven(given)));
  const asked = isOpen ? (wishOfEnvironment() ?? wish) : wish;
  if (asked === 'auto' || asked === 'native') return fixed(nativeEngine);
  if (asked !== 'tfjs') return fixed(tensorflowEngine(await loadByName(asked)));
  const loaded = await firstUsable();
  if (loaded === undefined) return fixed(nativeEngine);
  return { engine: tensorflowEngine(loaded), automatic: true };
}

function fixed(engine: Engine): Choice {
  return { engine, automatic: false };
}

/** What JOBLOOM_TF asks for, if anything. @throws ParameterError where it names no engine */
function wishOfEnvironment(): EngineName | 'tfjs' | undefined {
  const { JOBLOOM_TF: value = '' } = process.env;
  if (value === '') return undefined;
  const names = ['tfjs', ...NAMES] as const;
  const name = names.find((each) => each === value);
  if (name !== undefined) return name;
  throw new ParameterError(
    `the environment variable JOBLOOM_TF must be one of {${names.map(show).join(', ')}}. Got ${show(value)} instead.`,
  );
}
