import { isZero, type MetricInput, type MetricProfile, type MetricValue, unavailable } from './metric.ts';
import { type Pairs, predictionsAndActuals } from './pairs.ts';
import { mean } from './returns.ts';
import { spearman } from './spearman.ts';

/** Value of a series without variation. */
const LIMIT = 10;

/** How steady the information coefficient is: its mean over stretches of time, divided by its deviation. */
export function icSharpe(input: MetricInput): MetricValue {
  const pairs = predictionsAndActuals(input);
  const n = pairs.x.length;
  if (n < 4) return unavailable('fewer than 4 predictions with an outcome');
  const size = stretchLength(n);
  const coefficients = new Float64Array(Math.floor(n / size));
  if (coefficients.length < 2) return unavailable('fewer than 2 stretches of time');
  let varying = 0;
  for (let k = 0; k < coefficients.length; k++) {
    const coefficient = ofStretch(pairs, k * size, size, input.profile);
    varying += Number(coefficient !== null);
    coefficients[k] = coefficient ?? 0;
  }
  if (varying === 0 && !isZero(input)) return unavailable('predictions or outcomes do not vary in any stretch of time');
  const average = mean(coefficients);
  const deviation = Math.sqrt(mean(coefficients.map((coefficient) => (coefficient - average) ** 2)));
  if (deviation >= 1e-12) return average / deviation;
  if (Math.abs(average) <= 1e-12) {
    return isZero(input) ? 0 : unavailable('the coefficient is 0 in every stretch of time: 0 / 0');
  }
  return input.profile === 'legacy' ? LIMIT : Math.sign(average) * LIMIT;
}

/** At least three stretches where there is enough, at most ten rounds each once there are a hundred. */
const stretchLength = (n: number): number => Math.max(2, Math.floor(n / Math.max(3, Math.floor(n / 10))));

/**
 * Rank correlation of a few pairs. A rank less the mean rank is half of how many are below less how many are above,
 * which for ten values is found sooner than an order. Null where either does not vary.
 */
function ofStretch({ x, y }: Pairs, from: number, size: number, profile: MetricProfile): number | null {
  if (profile === 'legacy') return spearman(x.slice(from, from + size), y.slice(from, from + size), profile);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = from; i < from + size; i++) {
    let dx = 0;
    let dy = 0;
    for (let k = from; k < from + size; k++) {
      dx += Number(x[i]! > x[k]!) - Number(x[i]! < x[k]!);
      dy += Number(y[i]! > y[k]!) - Number(y[i]! < y[k]!);
    }
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)));
}
