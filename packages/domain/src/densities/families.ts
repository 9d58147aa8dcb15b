/** Families that the open density specification calls `builtin`, in the parametrisation of scipy.stats. */
import { type Draw, each } from './draw.ts';
import type { Family, Standard } from './family.ts';
import type { MersenneTwister } from './mersenne-twister.ts';
import {
  betaShare,
  gammaShares,
  lnBeta,
  lnGamma,
  normalCdf,
  normalPdf,
  normalQuantile,
  whereReached,
} from './special.ts';

const INFINITY = Number.POSITIVE_INFINITY;
const LINE = [-INFINITY, INFINITY] as const;
const ABOVE_0 = [0, INFINITY] as const;

/** The quantile function of a distribution function. */
export const inverted =
  (cdf: (y: number) => number, support: readonly [number, number], pdf: (y: number) => number) =>
  (p: number): number => {
    if (p <= 0) return p === 0 ? support[0] : Number.NaN;
    if (p >= 1) return p === 1 ? support[1] : Number.NaN;
    return whereReached(cdf, p, support, pdf);
  };

/** Of a distribution on the numbers above 0, by its density and distribution function there. */
const positive = (
  pdf: (y: number) => number,
  cdf: (y: number) => number,
  mean: number | null,
  draw: Draw,
): Standard => ({
  pdf: (y) => (y < 0 ? 0 : pdf(y)),
  cdf: (y) => (y <= 0 ? 0 : cdf(y)),
  ppf: inverted((y) => (y <= 0 ? 0 : cdf(y)), ABOVE_0, pdf),
  mean,
  draw,
});

const norm: Standard = {
  pdf: normalPdf,
  cdf: normalCdf,
  ppf: normalQuantile,
  mean: 0,
  draw: each((random) => random.gaussian()),
};

const expon: Standard = {
  pdf: (y) => (y < 0 ? 0 : Math.exp(-y)),
  cdf: (y) => (y <= 0 ? 0 : -Math.expm1(-y)),
  ppf: (p) => -Math.log1p(-p),
  mean: 1,
  draw: each((random) => random.exponential()),
};

/** A class, because competitions read a million of them: functions of its own for each would take longer than its score. */
class StudentT implements Standard {
  readonly mean: number | null;
  readonly power: { readonly over: number; readonly exponent: number };
  readonly #df: number;
  readonly #front: number;

  constructor(df: number) {
    this.#df = df;
    this.#front = Math.exp(lnGamma((df + 1) / 2) - lnGamma(df / 2) - 0.5 * Math.log(df * Math.PI));
    this.mean = df > 1 ? 0 : null;
    this.power = { over: df, exponent: -(df + 1) / 2 };
  }

  /** Faster than a power, and without the rounding of 1 + y²/df, which many degrees of freedom would magnify. */
  pdf(y: number): number {
    return this.#front * Math.exp(this.power.exponent * Math.log1p((y * y) / this.#df));
  }

  /** Near the middle and in the tails the small share is computed directly, so that no digits are lost to a subtraction. */
  cdf(y: number): number {
    const df = this.#df;
    const square = y * y;
    if (square < df) {
      const middle = 0.5 * betaShare(0.5, df / 2, square / (df + square));
      return y < 0 ? 0.5 - middle : 0.5 + middle;
    }
    const tail = 0.5 * betaShare(df / 2, 0.5, df / (df + square));
    return y < 0 ? tail : 1 - tail;
  }

  ppf(p: number): number {
    return p > 0.5 ? -this.#below(1 - p) : this.#below(p);
  }

  #below(p: number): number {
    return inverted(
      (y) => this.cdf(y),
      LINE,
      (y) => this.pdf(y),
    )(p);
  }

  draw(random: MersenneTwister, count: number): Float64Array {
    const half = this.#df / 2;
    return each((one) => {
      const above = one.gaussian();
      return (Math.sqrt(half) * above) / Math.sqrt(one.gamma(half));
    })(random, count);
  }
}

const weibullMin = (c: number): Standard => ({
  pdf: (y) => (y < 0 ? 0 : c * y ** (c - 1) * Math.exp(-(y ** c))),
  cdf: (y) => (y <= 0 ? 0 : -Math.expm1(-(y ** c))),
  ppf: (p) => (-Math.log1p(-p)) ** (1 / c),
  mean: Math.exp(lnGamma(1 + 1 / c)),
});

function weibullMax(c: number): Standard {
  const mirror = weibullMin(c);
  return {
    pdf: (y) => (y > 0 ? 0 : mirror.pdf(-y)),
    cdf: (y) => (y >= 0 ? 1 : Math.exp(-((-y) ** c))),
    ppf: (p) => -((-Math.log(p)) ** (1 / c)),
    mean: -(mirror.mean ?? 0),
  };
}

function gamma(a: number): Standard {
  const front = Math.exp(-lnGamma(a));
  const isPlain = front > 0 && Number.isFinite(front);
  const pdf = (y: number): number =>
    isPlain && y < 100 ? y ** (a - 1) * Math.exp(-y) * front : Math.exp((a - 1) * Math.log(y) - y - lnGamma(a));
  return positive(
    pdf,
    (y) => gammaShares(a, y).lower,
    a,
    each((random) => random.gamma(a)),
  );
}

function beta(a: number, b: number): Standard {
  const front = Math.exp(-lnBeta(a, b));
  const cdf = (y: number): number => betaShare(a, b, y);
  const pdf = (y: number): number => (y < 0 || y > 1 ? 0 : front * y ** (a - 1) * (1 - y) ** (b - 1));
  return {
    pdf,
    cdf,
    ppf: inverted(cdf, [0, 1], pdf),
    mean: a / (a + b),
    draw: each((random) => betaDrawn(random, a, b)),
  };
}

/** Two gamma variates, or Jöhnk's method where both shapes are at most 1. */
function betaDrawn(random: MersenneTwister, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const first = random.gamma(a);
    return first / (first + random.gamma(b));
  }
  for (;;) {
    const [u, v] = [random.uniform(), random.uniform()];
    const [x, y] = [u ** (1 / a), v ** (1 / b)];
    if (x + y > 1 || u + v === 0) continue;
    if (x + y > 0) return x / (x + y);
    const [logX, logY] = [Math.log(u) / a, Math.log(v) / b];
    const larger = Math.max(logX, logY);
    return Math.exp(logX - larger - Math.log(Math.exp(logX - larger) + Math.exp(logY - larger)));
  }
}

const lognorm = (s: number): Standard => ({
  pdf: (y) => (y <= 0 ? 0 : normalPdf(Math.log(y) / s) / (y * s)),
  cdf: (y) => (y <= 0 ? 0 : normalCdf(Math.log(y) / s)),
  ppf: (p) => Math.exp(s * normalQuantile(p)),
  mean: Math.exp((s * s) / 2),
  draw: each((random) => Math.exp(s * random.gaussian())),
});

function chi(df: number): Standard {
  const front = Math.exp((1 - df / 2) * Math.LN2 - lnGamma(df / 2));
  return positive(
    (y) => front * y ** (df - 1) * Math.exp(-(y * y) / 2),
    (y) => gammaShares(df / 2, (y * y) / 2).lower,
    Math.SQRT2 * Math.exp(lnGamma((df + 1) / 2) - lnGamma(df / 2)),
    each((random) => Math.sqrt(2 * random.gamma(df / 2))),
  );
}

function chi2(df: number): Standard {
  const front = Math.exp(-(df / 2) * Math.LN2 - lnGamma(df / 2));
  return positive(
    (y) => front * y ** (df / 2 - 1) * Math.exp(-y / 2),
    (y) => gammaShares(df / 2, y / 2).lower,
    df,
    each((random) => 2 * random.gamma(df / 2)),
  );
}

const rayleigh: Standard = {
  pdf: (y) => (y < 0 ? 0 : y * Math.exp(-0.5 * y * y)),
  cdf: (y) => (y <= 0 ? 0 : -Math.expm1(-0.5 * y * y)),
  ppf: (p) => Math.sqrt(-2 * Math.log1p(-p)),
  mean: Math.sqrt(Math.PI / 2),
  draw: each((random) => Math.sqrt(2 * random.gamma(1))),
};

const pareto = (b: number): Standard => ({
  pdf: (y) => (y < 1 ? 0 : b * y ** (-b - 1)),
  cdf: (y) => (y <= 1 ? 0 : 1 - y ** -b),
  ppf: (p) => (1 - p) ** (-1 / b),
  mean: b > 1 ? b / (b - 1) : null,
});

const cauchy: Standard = {
  pdf: (y) => 1 / (Math.PI * (1 + y * y)),
  cdf: (y) => (y < 0 ? Math.atan2(1, -y) / Math.PI : 0.5 + Math.atan(y) / Math.PI),
  ppf: (p) => (p < 0.5 ? -1 / Math.tan(Math.PI * p) : p === 0.5 ? 0 : 1 / Math.tan(Math.PI * (1 - p))),
  mean: null,
};

const laplace: Standard = {
  pdf: (y) => 0.5 * Math.exp(-Math.abs(y)),
  cdf: (y) => (y < 0 ? 0.5 * Math.exp(y) : 1 - 0.5 * Math.exp(-y)),
  ppf: (p) => (p < 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p))),
  mean: 0,
  draw: each((random) => {
    let u = random.uniform();
    while (u === 0) u = random.uniform();
    return u >= 0.5 ? -Math.log(2 - u - u) : Math.log(u + u);
  }),
};

function fisherF(dfn: number, dfd: number): Standard {
  const ratio = dfn / dfd;
  const front = Math.exp((dfn / 2) * Math.log(ratio) - lnBeta(dfn / 2, dfd / 2));
  return positive(
    (y) => front * y ** (dfn / 2 - 1) * (1 + ratio * y) ** (-(dfn + dfd) / 2),
    (y) => betaShare(dfn / 2, dfd / 2, (ratio * y) / (1 + ratio * y)),
    dfd > 2 ? dfd / (dfd - 2) : null,
    each((random) => {
      const above = 2 * random.gamma(dfn / 2) * dfd;
      return above / (2 * random.gamma(dfd / 2) * dfn);
    }),
  );
}

const plain = (standard: Standard): Family => ({ shapes: [], standard: () => standard });

export const builtinFamilies: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['norm', plain(norm)],
  ['expon', plain(expon)],
  ['t', { shapes: ['df'], standard: (df) => new StudentT(df) }],
  ['weibull_min', { shapes: ['c'], standard: weibullMin }],
  ['weibull_max', { shapes: ['c'], standard: weibullMax }],
  ['gamma', { shapes: ['a'], standard: gamma }],
  ['beta', { shapes: ['a', 'b'], standard: beta }],
  ['lognorm', { shapes: ['s'], largest: 1e3, standard: lognorm }],
  ['chi', { shapes: ['df'], standard: chi }],
  ['chi2', { shapes: ['df'], standard: chi2 }],
  ['rayleigh', plain(rayleigh)],
  ['pareto', { shapes: ['b'], standard: pareto }],
  ['cauchy', plain(cauchy)],
  ['laplace', plain(laplace)],
  ['f', { shapes: ['dfn', 'dfd'], standard: fisherF }],
]);
