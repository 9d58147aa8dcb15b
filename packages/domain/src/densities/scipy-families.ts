/** More families of scipy.stats, by the names and parameters they have there. */

import { each } from './draw.ts';
import { builtinFamilies, inverted } from './families.ts';
import type { Family, Standard } from './family.ts';
import { gammaShares, lnGamma, normalCdf, normalPdf, normalQuantile } from './special.ts';

const INFINITY = Number.POSITIVE_INFINITY;
const EULER = 0.5772156649015329;

const uniform: Standard = {
  pdf: (y) => (y < 0 || y > 1 ? 0 : 1),
  cdf: (y) => Math.min(1, Math.max(0, y)),
  ppf: (p) => p,
  mean: 0.5,
  draw: each((random) => random.uniform()),
};

const logistic: Standard = {
  pdf: (y) => {
    const share = Math.exp(-Math.abs(y));
    return share / (1 + share) ** 2;
  },
  cdf: (y) => 1 / (1 + Math.exp(-y)),
  ppf: (p) => Math.log(p / (1 - p)),
  mean: 0,
  draw: each((random) => {
    let u = random.uniform();
    while (u === 0) u = random.uniform();
    return Math.log(u / (1 - u));
  }),
};

const gumbelRight: Standard = {
  pdf: (y) => Math.exp(-y - Math.exp(-y)),
  cdf: (y) => Math.exp(-Math.exp(-y)),
  ppf: (p) => -Math.log(-Math.log(p)),
  mean: EULER,
};

const gumbelLeft: Standard = {
  pdf: (y) => Math.exp(y - Math.exp(y)),
  cdf: (y) => -Math.expm1(-Math.exp(y)),
  ppf: (p) => Math.log(-Math.log1p(-p)),
  mean: -EULER,
};

const halfnorm: Standard = {
  pdf: (y) => (y < 0 ? 0 : 2 * normalPdf(y)),
  cdf: (y) => (y <= 0 ? 0 : gammaShares(0.5, (y * y) / 2).lower),
  ppf: (p) => normalQuantile(0.5 + p / 2),
  mean: Math.sqrt(2 / Math.PI),
  draw: each((random) => Math.abs(random.gaussian())),
};

/** Points and weights of Gauss and Legendre for [0, 1], ten of them. */
const GAUSS = [
  [0.14887433898163122, 0.29552422471475287],
  [0.4333953941292472, 0.26926671930999635],
  [0.6794095682990244, 0.21908636251598204],
  [0.8650633666889845, 0.1494513491505806],
  [0.9739065285171717, 0.06667134430868814],
] as const;

/** Owen's T(h, a) for a from 0 to 1. */
function owenInner(h: number, a: number): number {
  const inside = (x: number): number => Math.exp(-0.5 * h * h * (1 + x * x)) / (1 + x * x);
  const parts = 8;
  let sum = 0;
  for (let i = 0; i < parts; i++) {
    const middle = (a * (i + 0.5)) / parts;
    const half = a / parts / 2;
    for (const [x, weight] of GAUSS) sum += weight * half * (inside(middle - half * x) + inside(middle + half * x));
  }
  return sum / (2 * Math.PI);
}

/** Owen's T(h, a). */
function owen(h: number, a: number): number {
  if (a < 0) return -owen(h, -a);
  const at = Math.abs(h);
  if (a <= 1) return owenInner(at, a);
  const [here, there] = [normalCdf(at), normalCdf(a * at)];
  return 0.5 * (here + there) - here * there - owenInner(a * at, 1 / a);
}

function skewnorm(a: number): Standard {
  const cdf = (y: number): number => Math.min(1, Math.max(0, normalCdf(y) - 2 * owen(y, a)));
  const pdf = (y: number): number => 2 * normalPdf(y) * normalCdf(a * y);
  return {
    pdf,
    cdf,
    ppf: inverted(cdf, [-INFINITY, INFINITY], pdf),
    mean: (Math.sqrt(2 / Math.PI) * a) / Math.sqrt(1 + a * a),
    draw: (random, count) => {
      const normals = each((one) => one.gaussian());
      const [signs, others] = [normals(random, count), normals(random, count)];
      const d = a / Math.sqrt(1 + a ** 2);
      return signs.map((sign, i) => (d * sign + others[i]! * Math.sqrt(1 - d ** 2)) * (sign >= 0 ? 1 : -1));
    },
  };
}

function gennorm(shape: number): Standard {
  const front = Math.exp(Math.log(shape / 2) - lnGamma(1 / shape));
  const cdf = (y: number): number => {
    const { lower, upper } = gammaShares(1 / shape, Math.abs(y) ** shape);
    return y < 0 ? upper / 2 : 0.5 + lower / 2;
  };
  const pdf = (y: number): number => front * Math.exp(-(Math.abs(y) ** shape));
  return {
    pdf,
    cdf,
    ppf: inverted(cdf, [-INFINITY, INFINITY], pdf),
    mean: 0,
    draw: (random, count) => {
      const sizes = each((one) => one.gamma(1 / shape) ** (1 / shape))(random, count);
      return sizes.map((size) => (random.uniform() < 0.5 ? -size : size));
    },
  };
}

function invgamma(a: number): Standard {
  const cdf = (y: number): number => (y <= 0 ? 0 : gammaShares(a, 1 / y).upper);
  const pdf = (y: number): number => (y <= 0 ? 0 : Math.exp(-(a + 1) * Math.log(y) - 1 / y - lnGamma(a)));
  return {
    pdf,
    cdf,
    ppf: inverted(cdf, [0, INFINITY], pdf),
    mean: a > 1 ? 1 / (a - 1) : null,
  };
}

const unbounded = new Map<string, Family>([
  ['uniform', { shapes: [], standard: () => uniform }],
  ['logistic', { shapes: [], standard: () => logistic }],
  ['gumbel_r', { shapes: [], standard: () => gumbelRight }],
  ['gumbel_l', { shapes: [], standard: () => gumbelLeft }],
  ['halfnorm', { shapes: [], standard: () => halfnorm }],
  ['skewnorm', { shapes: ['a'], signed: true, standard: skewnorm }],
  ['gennorm', { shapes: ['beta'], standard: gennorm }],
  ['invgamma', { shapes: ['a'], standard: invgamma }],
]);

/** Every family a density of type `scipy` may name. */
export const scipyFamilies: ReadonlyMap<string, Family> = new Map([...builtinFamilies, ...unbounded]);
