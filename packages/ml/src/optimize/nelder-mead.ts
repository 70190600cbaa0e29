export interface NelderMeadOptions {
  readonly maxIter: number;
  readonly maxFun: number;
  /** Ends when no element of a corner is farther from the best, */
  readonly xatol: number;
  /** and no value of a corner. */
  readonly fatol: number;
}

/** A corner of the simplex. */
export interface Corner {
  readonly x: Float64Array;
  readonly value: number;
}

export interface SimplexMinimum {
  /** Corners, the best first. */
  readonly corners: readonly Corner[];
  readonly iterations: number;
  readonly reason: 'converged' | 'maxIter' | 'maxFun';
}

/**
 * The simplex method of Nelder and Mead, with scipy's first simplex and end. It asks for values only.
 * Source: Nelder and Mead, A simplex method for function minimization, 1965.
 */
export function nelderMead(
  f: (x: Float64Array) => number,
  start: Float64Array,
  { maxIter, maxFun, xatol, fatol }: NelderMeadOptions,
): SimplexMinimum {
  const size = start.length;
  let evaluations = 0;
  const corner = (x: Float64Array): Corner => {
    evaluations += 1;
    return { x, value: f(x) };
  };
  let corners = [corner(start.slice())];
  for (let i = 0; i < size; i += 1) {
    const x = start.slice();
    x[i] = x[i] === 0 ? 0.00025 : 1.05 * (x[i] as number);
    corners.push(corner(x));
  }
  const sort = (): void => {
    corners.sort((a, b) => a.value - b.value);
  };
  sort();
  for (let iterations = 0; ; iterations += 1) {
    const [best] = corners as [Corner];
    const isNear = corners.every(
      ({ x, value }) =>
        Math.abs(value - best.value) <= fatol && x.every((each, i) => Math.abs(each - (best.x[i] as number)) <= xatol),
    );
    if (isNear) return { corners, iterations, reason: 'converged' };
    if (evaluations >= maxFun) return { corners, iterations, reason: 'maxFun' };
    if (iterations >= maxIter) return { corners, iterations, reason: 'maxIter' };
    const worst = corners[size] as Corner;
    const second = corners[size - 1] as Corner;
    const centre = start.map((_, i) => corners.slice(0, size).reduce((sum, { x }) => sum + (x[i] as number), 0) / size);
    /** The point that far beyond the centre, seen from the worst corner. */
    const beyond = (share: number): Corner =>
      corner(centre.map((each, i) => each + share * (each - (worst.x[i] as number))));
    const reflected = beyond(1);
    let replacement: Corner | undefined;
    if (reflected.value < best.value) {
      const expanded = beyond(2);
      replacement = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) replacement = reflected;
    else {
      const isOutside = reflected.value < worst.value;
      const contracted = beyond(isOutside ? 0.5 : -0.5);
      const isBetter = isOutside ? contracted.value <= reflected.value : contracted.value < worst.value;
      if (isBetter) replacement = contracted;
    }
    if (replacement !== undefined) corners[size] = replacement;
    else {
      corners = corners.map((each, k) =>
        k === 0 ? each : corner(each.x.map((at, i) => (best.x[i] as number) + 0.5 * (at - (best.x[i] as number)))),
      );
    }
    sort();
  }
}
