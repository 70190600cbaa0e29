import type { Kernels, Numbers } from './kernels.ts';
import type { Precision } from './plain-elementary.ts';

/** Steps of optimizers: twin of native/steps.h. */
export function plainSteps<A extends Numbers>({
  round: r,
  leastNormal,
  tiny,
}: Precision): Pick<Kernels<A>, 'sgd' | 'momentum' | 'adagrad' | 'rmsprop' | 'adam'> {
  const flushed = (x: number, least: number): number => (Math.abs(x) < least ? 0 : x);
  /**
   * `take` for each parameter: its place, the steps from `from` to before `until` that are made up for, and where its
   * gradient is.
   */
  const forEach = (
    [count, width, index, last, step, g]: readonly [
      number,
      number,
      Int32Array | null,
      Int32Array | null,
      number,
      A | null,
    ],
    take: (at: number, from: number, until: number, gradientAt: number) => void,
  ): void => {
    for (let each = 0; each < count; each += 1) {
      const row = index === null ? each : (index[each] as number);
      const from = last === null ? step : (last[row] as number) + 1;
      const until = g === null ? step + 1 : step;
      if (from >= until && g === null) continue;
      if (last !== null) last[row] = step;
      for (let j = 0; j < width; j += 1) take(row * width + j, from, until, each * width + j);
    }
  };
  return {
    sgd(count, width, index, w, g, rate) {
      const f = r(rate);
      forEach([count, width, index, null, 0, g], (at, _from, _until, own) => {
        w[at] = (w[at] as number) - r(f * (g[own] as number));
      });
    },
    momentum(count, width, index, last, step, w, a, g, rate, momentum, nesterov) {
      const [f, keep] = [r(rate), r(momentum)];
      forEach([count, width, index, last, step, g], (at, from, until, own) => {
        const move = (now: number | undefined): void => {
          const kept = r(keep * (a[at] as number));
          const sum = flushed(now === undefined ? kept : r(kept + now), tiny);
          const ahead = r(keep * sum);
          const way = !nesterov ? sum : now === undefined ? ahead : r(now + ahead);
          a[at] = sum;
          w[at] = (w[at] as number) - r(f * way);
        };
        for (let s = from; s < until; s += 1) move(undefined);
        if (g !== null) move(g[own]);
      });
    },
    adagrad(count, width, index, w, a, g, rate, epsilon) {
      const [f, e] = [r(rate), r(epsilon)];
      forEach([count, width, index, null, 0, g], (at, _from, _until, own) => {
        const now = g[own] as number;
        const sum = r((a[at] as number) + r(now * now));
        a[at] = sum;
        w[at] = (w[at] as number) - r(f * r(now / r(r(Math.sqrt(sum)) + e)));
      });
    },
    rmsprop(count, width, index, last, step, w, a, g, rate, decay, epsilon) {
      const [f, keep, e] = [r(rate), r(decay), r(epsilon)];
      forEach([count, width, index, last, step, g], (at, from, until, own) => {
        for (let s = from; s < until; s += 1) a[at] = flushed(r(keep * (a[at] as number)), leastNormal);
        if (g === null) return;
        const now = g[own] as number;
        const square = flushed(r(r(keep * (a[at] as number)) + r(r(1 - keep) * r(now * now))), leastNormal);
        a[at] = square;
        w[at] = (w[at] as number) - r(f * r(now / r(r(Math.sqrt(square)) + e)));
      });
    },
    adam(count, width, index, last, step, w, m, v, g, rates, mask, beta1, beta2, epsilon) {
      const [b1, b2, e] = [r(beta1), r(beta2), r(epsilon)];
      forEach([count, width, index, last, step, g], (at, from, until, own) => {
        const move = (s: number, now: number | undefined): void => {
          const [kept, keptSquare] = [r(b1 * (m[at] as number)), r(b2 * (v[at] as number))];
          const mean = flushed(now === undefined ? kept : r(kept + r(r(1 - b1) * now)), tiny);
          const square = flushed(
            now === undefined ? keptSquare : r(keptSquare + r(r(1 - b2) * r(now * now))),
            leastNormal,
          );
          const root = r(Math.sqrt(square));
          m[at] = mean;
          v[at] = square;
          w[at] = (w[at] as number) - r(r((rates[s & mask] as number) * mean) / r(root + e));
        };
        for (let s = from; s < until; s += 1) move(s, undefined);
        if (g !== null) move(step, g[own]);
      });
    },
  };
}
