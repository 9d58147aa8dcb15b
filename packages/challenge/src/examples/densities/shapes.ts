import { builtin, DensityModelBase, type DensitySpec, eachStep, mixture } from '../../density-model.ts';
import { paceOf } from './pace.ts';

/** A model whose densities differ in their shape alone: the distribution of a step of so many seconds. */
abstract class Shaped extends DensityModelBase {
  protected abstract shape(deviation: number, drift: number): DensitySpec;
  protected readonly decay: number = 1;

  override predict(asset: string, horizon: number, step: number): readonly DensitySpec[] {
    const { drift, deviation } = paceOf(this.prices(asset), this.decay);
    return eachStep(horizon, step, this.shape(deviation * Math.sqrt(step), drift * step));
  }
}

/** Moves continue as they did on average: the benchmark of both games. */
export class GaussianStep extends Shaped {
  protected override shape(deviation: number, drift: number): DensitySpec {
    return mixture([builtin('norm', { loc: drift, scale: deviation }), 1]);
  }
}

/** Old volatility has little influence on today: newer changes weigh more, and there is no drift. */
export class RecentVolatility extends Shaped {
  protected override readonly decay = 0.94;
  protected override shape(deviation: number): DensitySpec {
    return builtin('norm', { loc: 0, scale: deviation });
  }
}

/** Large changes are not as rare as the bell has them. */
export class HeavyTails extends Shaped {
  protected override shape(deviation: number): DensitySpec {
    const df = 4;
    return builtin('t', { df, loc: 0, scale: deviation * Math.sqrt((df - 2) / df) });
  }
}

/** Mostly nothing, sometimes something. */
export class Peaked extends Shaped {
  protected override shape(deviation: number): DensitySpec {
    return builtin('laplace', { loc: 0, scale: deviation / Math.SQRT2 });
  }
}

/** A mixture of a calm and a wild market. */
export class CalmOrWild extends Shaped {
  protected override shape(deviation: number): DensitySpec {
    const normal = (scale: number) => builtin('norm', { loc: 0, scale });
    return mixture([normal(0.7 * deviation), 0.8], [normal(1.8 * deviation), 0.2]);
  }
}

/** Rather too wide than wrong. */
export class Unsure extends Shaped {
  protected override shape(deviation: number): DensitySpec {
    return { type: 'scipy', name: 'logistic', params: { loc: 0, scale: 2 * deviation } };
  }
}
