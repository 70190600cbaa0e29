import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { Tensorflow } from './candidates.ts';

/** Computes a gradient of a tiny net: what does not work at all fails here, and not in the middle of a fit. */
export function probe(tf: Tensorflow): void {
  const gradient = tf.tidy(() => {
    const x = tf.tensor2d([1, -2, 3, 4], [2, 2]);
    const loss = (w: Tensor): Scalar => tf.sum(tf.relu(tf.matMul(x, w)));
    return [
      ...tf
        .grad(loss)(tf.tensor2d([1, 0], [2, 1]))
        .dataSync(),
    ];
  });
  if (gradient.join() !== '4,2') throw new Error(`it computes a gradient of ${gradient.join()} where 4,2 is right`);
}
