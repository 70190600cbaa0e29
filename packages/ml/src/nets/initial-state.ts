import type { RandomState } from '../random/random-state.ts';
import { type NetSpec, type NetState, slotsOf } from './engine.ts';

/**
 * A net before its first step: weights uniform within `scale * sqrt(3 / inputs)` of each layer, biases and slots zero.
 * Source: muffnn, which took TensorFlow's uniform_unit_scaling_initializer.
 */
export function initialState({ sizes, solver }: NetSpec, scale: number, random: RandomState): NetState {
  const weights = sizes.slice(1).flatMap((outputs, layer) => {
    const inputs = sizes[layer] as number;
    const bound = scale * Math.sqrt(3 / inputs);
    const own = new Float32Array(inputs * outputs);
    for (let i = 0; i < own.length; i += 1) own[i] = bound * (2 * random.random() - 1);
    return [own, new Float32Array(outputs)];
  });
  const slots = Array.from({ length: slotsOf(solver) }, () => weights.map(({ length }) => new Float32Array(length)));
  return { weights, slots: slots.flat(), steps: 0 };
}
