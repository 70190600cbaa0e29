/** A precision: how results are rounded, how wide vectors are, and what exp and log need. Twin of native/constants-*.h. */
export interface Precision {
  readonly round: (x: number) => number;
  readonly lanes: 2 | 4;
  readonly magic: number;
  readonly log2E: number;
  readonly ln2High: number;
  readonly ln2Low: number;
  readonly expMost: number;
  readonly expLeast: number;
  readonly tanhOne: number;
  readonly leastNormal: number;
  readonly tiny: number;
  readonly raised: number;
  /** The highest power first. */
  readonly expPoly: readonly number[];
  readonly logPoly: readonly number[];
  /** n such that x / 2^n is from the root of 1/2 to the root of 2, for normal x. */
  readonly exponentOf: (x: number) => number;
}

const doubles = new Float64Array(1);
const floats = new Float32Array(doubles.buffer);
const words = new Int32Array(doubles.buffer);

export const F64: Precision = {
  round: (x) => x,
  lanes: 2,
  magic: 2 ** 52 + 2 ** 51,
  log2E: Math.LOG2E,
  ln2High: 0.6931471803691238,
  ln2Low: 1.9082149292705877e-10,
  expMost: 709.9,
  expLeast: -707,
  tanhOne: 44,
  leastNormal: 2 ** -1022,
  tiny: 2 ** -960,
  raised: 54,
  expPoly: [
    2.0914686968086876e-9, 2.5105217004720745e-8, 2.75572736431103e-7, 2.7557255400206422e-6, 2.4801587325547743e-5,
    0.00019841269874820627, 0.0013888888888883748, 0.008333333333326136, 0.04166666666666667, 0.1666666666666667, 0.5,
  ],
  logPoly: [
    0.13086767009948175, 0.13268759668560612, 0.15386240205813478, 0.18181795630884753, 0.2222222239180047,
    0.2857142857080323, 0.4000000000000088, 0.6666666666666666,
  ],
  exponentOf(x) {
    doubles[0] = x;
    const borrow = (words[0] as number) >>> 0 < 0x667f3bcd ? 1 : 0;
    return ((words[1] as number) - 0x3fe6a09e - borrow) >> 20;
  },
};

export const F32: Precision = {
  round: Math.fround,
  lanes: 4,
  magic: 2 ** 23 + 2 ** 22,
  log2E: 1.4426950216293335,
  ln2High: 0.693359375,
  ln2Low: -0.00021219444170128554,
  expMost: 89,
  expLeast: -86,
  tanhOne: 20,
  leastNormal: 2 ** -126,
  tiny: 2 ** -100,
  raised: 25,
  expPoly: [0.0013926183587713494, 0.008363179052722578, 0.041666554617204574, 0.16666576989698775, 0.5].map(
    Math.fround,
  ),
  logPoly: [0.23330581938241893, 0.2855081659971155, 0.40000121876972, 0.6666666655445165].map(Math.fround),
  exponentOf(x) {
    floats[0] = x;
    return ((words[0] as number) - 0x3f3504f3) >> 23;
  },
};

/** Powers of two from 2^-1074: `Math.pow` may be off by a bit. */
const POWERS = new Float64Array(1074 + 1024);
for (let i = 0, power = 2 ** -1074; i < POWERS.length; i += 1, power *= 2) POWERS[i] = power;
const powerOf2 = (n: number): number => POWERS[n + 1074] as number;

/** exp, log, sigmoid and tanh of one number: operation for operation those of native/elementary.h. */
export interface Elementary {
  exp(x: number): number;
  log(x: number): number;
  log1p(u: number): number;
  tanh(x: number): number;
  sigmoid(x: number): number;
}

export function elementaryOf(precision: Precision): Elementary {
  const { round: r, magic, log2E, ln2High, ln2Low, expMost, expLeast, tanhOne, expPoly, logPoly } = precision;
  const poly = (factors: readonly number[], x: number): number => {
    let sum = factors[0] as number;
    for (let i = 1; i < factors.length; i += 1) sum = r(r(sum * x) + (factors[i] as number));
    return sum;
  };
  const wholeOf = (x: number): number => r(r(r(x * log2E) + magic) - magic);
  /** exp of what is left of x after n ln 2, less 1. */
  const moreOf = (x: number, n: number): number => {
    const rest = r(r(x - r(n * ln2High)) - r(n * ln2Low));
    return r(rest + r(r(rest * rest) * poly(expPoly, rest)));
  };
  const exp = (x: number): number => {
    if (Number.isNaN(x)) return x;
    if (x < expLeast) return 0;
    const bounded = Math.min(x, expMost);
    const n = wholeOf(bounded);
    const half = r(r(1 + moreOf(bounded, n)) * powerOf2(n - 1));
    return r(half + half);
  };
  const log = (x: number): number => {
    if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
    if (x === Number.POSITIVE_INFINITY) return x;
    const isLow = x < precision.leastNormal;
    const raised = isLow ? x * powerOf2(precision.raised) : x;
    const exponent = precision.exponentOf(raised);
    const f = r(raised * powerOf2(-exponent) - 1);
    const s = r(f / r(2 + f));
    const z = r(s * s);
    const e = exponent - (isLow ? precision.raised : 0);
    const low = r(r(r(s * z) * poly(logPoly, z)) + r(e * ln2Low));
    return r(r(e * ln2High) + r(r(2 * s) + low));
  };
  return {
    exp,
    log,
    log1p(u) {
      const y = r(1 + u);
      return r(log(y) - r(r(r(y - 1) - u) / y));
    },
    tanh(x) {
      if (x === 0 || Number.isNaN(x)) return x;
      const twice = r(2 * Math.abs(x));
      const bounded = Math.min(twice, tanhOne);
      const n = wholeOf(bounded);
      const scale = powerOf2(n);
      const grown = r(r(scale * moreOf(bounded, n)) + r(scale - 1));
      const y = r(grown / r(grown + 2));
      return x < 0 ? -y : y;
    },
    sigmoid(x) {
      const e = exp(-Math.abs(x));
      return r((x < 0 ? e : 1) / r(1 + e));
    },
  };
}
