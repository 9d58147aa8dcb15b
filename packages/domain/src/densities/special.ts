/** Special functions to about fifteen digits, the basis of distribution functions. */

const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
] as const;

/** ln Γ(x) for x > 0 (Lanczos 1964, coefficients of Godfrey). */
export function lnGamma(x: number): number {
  const shifted = x + 5.2421875;
  const power = (x + 0.5) * Math.log(shifted) - shifted;
  let series = 0.9999999999999971;
  for (let i = 0; i < LANCZOS.length; i++) series += LANCZOS[i]! / (x + i + 1);
  return power + Math.log((2.5066282746310007 * series) / x);
}

export const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b);

const EPSILON = 2.220446049250313e-16;
const TINY = 1e-300;
const TERMS = 10_000;

/** Regularised lower incomplete gamma function P(a, x), and its complement. */
export function gammaShares(a: number, x: number): { readonly lower: number; readonly upper: number } {
  if (!(x > 0)) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    const lower = Math.min(1, front * gammaSeries(a, x));
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, front * gammaFraction(a, x));
  return { lower: 1 - upper, upper };
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < TERMS; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * EPSILON) break;
  }
  return sum;
}

/** Lentz's continued fraction. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < TERMS; i++) {
    const an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + an / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) <= EPSILON) break;
  }
  return h;
}

/** Regularised incomplete beta function I_x(a, b). */
export function betaShare(a: number, b: number, x: number): number {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b));
  const share =
    x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
  return Math.min(1, Math.max(0, share));
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = floored(1 - ((a + b) * x) / (a + 1));
  d = 1 / d;
  let h = d;
  for (let m = 1; m < TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / floored(1 + even * d);
    c = floored(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / floored(1 + odd * d);
    c = floored(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) <= EPSILON) break;
  }
  return h;
}

const floored = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

export const SQRT_2PI = Math.sqrt(2 * Math.PI);

const SQRT_HALF = Math.SQRT1_2;
const INNER_OVER = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const INNER_UNDER = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MIDDLE_OVER = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const MIDDLE_UNDER = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const OUTER_OVER = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const OUTER_UNDER = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];
const ONE_OVER_SQRT_PI = 0.5641895835477563;

/** Share of the standard normal distribution at or below z: rational approximations of erf and erfc (Cody 1969). */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * SQRT_HALF;
  if (x <= 0.46875) return 0.5 + (0.5 * z * SQRT_HALF * horner(INNER_OVER, x * x)) / horner(INNER_UNDER, x * x);
  if (Number.isNaN(z)) return Number.NaN;
  const outside = x > 27.5 ? 0 : 0.5 * Math.exp(-(z * z) / 2) * scaledErfc(x);
  return z < 0 ? outside : 1 - outside;
}

/** e^(x²) erfc(x) for x above 0.46875. */
function scaledErfc(x: number): number {
  if (x <= 4) return horner(MIDDLE_OVER, x) / horner(MIDDLE_UNDER, x);
  const inverse = 1 / (x * x);
  return (ONE_OVER_SQRT_PI - (inverse * horner(OUTER_OVER, inverse)) / horner(OUTER_UNDER, inverse)) / x;
}

/** Coefficients from the highest power down. */
function horner(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

export const normalPdf = (z: number): number => Math.exp(-0.5 * z * z) / SQRT_2PI;

const CENTRE_A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const CENTRE_B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const TAIL_C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

/** Quantile of the standard normal distribution: Acklam's rational approximation and one step of Halley's method. */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return p === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (!(p < 1)) return p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  const z = p < 0.02425 ? tail(p) : centre(p - 0.5);
  const error = (normalCdf(z) - p) * SQRT_2PI * Math.exp((z * z) / 2);
  return Number.isFinite(error) ? z - error / (1 + (z * error) / 2) : z;
}

const tail = (p: number): number => {
  const q = Math.sqrt(-2 * Math.log(p));
  return horner(TAIL_C, q) / horner(TAIL_D, q);
};

const centre = (q: number): number => (horner(CENTRE_A, q * q) * q) / horner(CENTRE_B, q * q);

/**
 * Where an increasing function reaches `target`, by Newton's method inside the interval that holds it, by halves where
 * that leaves it or there is no slope; NaN when it never does within the range of numbers.
 */
export function whereReached(
  increasing: (x: number) => number,
  target: number,
  [from, to]: readonly [number, number],
  slope?: (x: number) => number,
  guess = Number.NaN,
): number {
  let [low, high] = bracket(increasing, target, from, to);
  if (Number.isNaN(low) || low === high) return low;
  let x = guess > low && guess < high ? guess : low + (high - low) / 2;
  for (let i = 0; i < 400; i++) {
    const off = increasing(x) - target;
    if (off < 0) low = x;
    else high = x;
    const step = slope === undefined ? Number.NaN : off / slope(x);
    const next = x - step;
    const isInside = next > low && next < high;
    // What is left after a step of Newton is of the order of its square.
    if (isInside && Math.abs(step) <= 1e-9 * Math.abs(x)) return next;
    const middle = low + (high - low) / 2;
    if (!isInside && (middle <= low || middle >= high)) return high;
    // Every fourth step halves, so that a slope that misleads does not.
    x = isInside && i % 4 !== 3 ? next : middle;
  }
  return high;
}

/** Widens a bounded interval until it holds the target; ends of the support are not passed. */
function bracket(increasing: (x: number) => number, target: number, from: number, to: number): [number, number] {
  let low = Number.isFinite(from) ? from : Math.min(-1, Number.isFinite(to) ? to - 1 : -1);
  let high = Number.isFinite(to) ? to : Math.max(1, low + 1);
  for (let width = 1; !Number.isFinite(to) && increasing(high) < target; width *= 2) {
    if (width > 1e300) return [Number.NaN, Number.NaN];
    high += width;
  }
  for (let width = 1; !Number.isFinite(from) && increasing(low) > target; width *= 2) {
    if (width > 1e300) return [Number.NaN, Number.NaN];
    low -= width;
  }
  return [low, high];
}
