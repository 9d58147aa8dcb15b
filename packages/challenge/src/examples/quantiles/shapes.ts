import { deviation, mean, minutes, returns } from '../../indicators.ts';
import { ModelBase } from '../../model-base.ts';
import { faultAt } from '../realtime/faulty.ts';

/** Level, as text → value. */
export interface QuantileAnswer {
  readonly quantiles: Readonly<Record<string, number>>;
}

/** A median and eleven central intervals, with the quantiles of a standard normal distribution. */
export const NORMAL_QUANTILES: readonly (readonly [level: number, z: number])[] = [
  ...(
    [
      [0.01, 2.3263],
      [0.025, 1.96],
      [0.05, 1.6449],
      [0.1, 1.2816],
      [0.15, 1.0364],
      [0.2, 0.8416],
      [0.25, 0.6745],
      [0.3, 0.5244],
      [0.35, 0.3853],
      [0.4, 0.2533],
      [0.45, 0.1257],
    ] as const
  ).flatMap(
    ([level, z]) =>
      [
        [level, -z],
        [Number((1 - level).toFixed(3)), z],
      ] as const,
  ),
  [0.5, 0] as const,
].sort(([a], [b]) => a - b);

const BASIS_POINTS = 10_000;

/** Least deviation, in basis points: also constant prices may move. */
const LEAST = 0.01;

/** A forecast by the mean and deviation of returns, both in basis points. */
const spread = (centre: number, width: number, bend: (z: number) => number = (z) => z): QuantileAnswer => ({
  quantiles: Object.fromEntries(
    NORMAL_QUANTILES.map(([level, z]) => [String(level), centre + Math.max(width, LEAST) * bend(z)]),
  ),
});

abstract class QuantileModel extends ModelBase<QuantileAnswer> {
  /** Deviation of the return over a horizon, in basis points. */
  protected width(subject: string, horizon: number, count = 120): number {
    return deviation(returns(this.closes(subject)).slice(-count)) * Math.sqrt(minutes(horizon)) * BASIS_POINTS;
  }
}

/** The bell, as wide as the last two hours were. */
export class Bell extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    return spread(0, this.width(subject, horizon));
  }
}

/** The bell, as wide as the last quarter of an hour was. */
export class NarrowSighted extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    return spread(0, this.width(subject, horizon, 15));
  }
}

/** Trends continue. */
export class Drifting extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    const drift = mean(returns(this.closes(subject))) * minutes(horizon) * BASIS_POINTS;
    return spread(drift, this.width(subject, horizon));
  }
}

/** Longer tails on both sides. */
export class LongTails extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    return spread(0, this.width(subject, horizon), (z) => 0.75 * z + 0.08 * z ** 3);
  }
}

/** Past returns repeat: the quantiles of the returns so far. */
export class Empirical extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    const closes = this.closes(subject);
    const length = minutes(horizon);
    const seen = closes.slice(length).map((close, i) => (close / closes[i]! - 1) * BASIS_POINTS);
    if (seen.length < 20) return spread(0, this.width(subject, horizon));
    const sorted = seen.sort((a, b) => a - b);
    const at = (level: number) => sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))]!;
    return { quantiles: Object.fromEntries(NORMAL_QUANTILES.map(([level]) => [String(level), at(level)])) };
  }
}

/** Twice as wide as need be. */
export class Cautious extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    return spread(0, 2 * this.width(subject, horizon));
  }
}

/** A participant's bad day: mostly the bell, else raising, quantiles that cross, a level that lacks, or not a number. */
export class FaultyQuantiles extends QuantileModel {
  override predict(subject: string, horizon: number): QuantileAnswer {
    const { quantiles } = spread(0, this.width(subject, horizon));
    switch (faultAt(subject, this.latest(subject)?.asof_ts ?? 0)) {
      case 'raise':
        throw new Error('a model may raise');
      case 'not-a-number':
        return { quantiles: { ...quantiles, '0.5': Number.NaN } };
      case 'nothing':
        return { quantiles: Object.fromEntries(Object.entries(quantiles).slice(1)) };
      case 'garbage':
        return { quantiles: { ...quantiles, '0.25': quantiles['0.75']!, '0.75': quantiles['0.25']! } };
      default:
        return { quantiles };
    }
  }
}
