import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { mean } from './returns.ts';
import { spearman } from './spearman.ts';

/** What a series without variation is worth. */
const LIMIT = 10;

/** How steady the information coefficient is: its mean over stretches of time, divided by its deviation. */
export function icSharpe(input: MetricInput): MetricValue {
  const { x, y } = predictionsAndActuals(input);
  if (x.length < 4) return unavailable('fewer than 4 predictions with an outcome');
  const size = stretchLength(x.length);
  const coefficients: number[] = [];
  for (let from = 0; from + size <= x.length; from += size) {
    coefficients.push(spearman(x.slice(from, from + size), y.slice(from, from + size), input.profile));
  }
  if (coefficients.length < 2) return unavailable('fewer than 2 stretches of time');
  const average = mean(coefficients);
  const deviation = Math.sqrt(mean(coefficients.map((coefficient) => (coefficient - average) ** 2)));
  if (deviation >= 1e-12) return average / deviation;
  if (Math.abs(average) <= 1e-12) return 0;
  return input.profile === 'legacy' ? LIMIT : Math.sign(average) * LIMIT;
}

/** At least three stretches where there is enough, at most ten rounds each once there are a hundred. */
const stretchLength = (n: number): number => Math.max(2, Math.floor(n / Math.max(3, Math.floor(n / 10))));
