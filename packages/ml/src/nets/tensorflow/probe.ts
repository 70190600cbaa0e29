import type { Tensorflow } from './candidates.ts';

/** Takes a step of a tiny net: what does not work at all fails here, and not in the middle of a fit. */
export function probe(tf: Tensorflow): void {
  const gradient = tf.tidy(() => {
    const x = tf.tensor2d([1, -2, 3, 4], [2, 2]);
    const loss = (w: Parameters<typeof tf.relu>[0]): ReturnType<typeof tf.sum> =>
      tf.sum(tf.relu(tf.matMul(x, w as never)));
    return [
      ...tf
        .grad(loss as never)(tf.tensor2d([1, 0], [2, 1]))
        .dataSync(),
    ];
  });
  if (gradient.join() !== '4,2') throw new Error(`it computes a gradient of ${gradient.join()} where 4,2 is right`);
}
