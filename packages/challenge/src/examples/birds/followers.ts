import { BirdModelBase } from '../../bird-model.ts';
import { builtin, type DensitySpec, mixture } from '../../density-model.ts';
import { deviation } from '../../indicators.ts';
import { faultAt } from '../realtime/faulty.ts';

/** Records until the place that is asked for. */
const AHEAD = 3;
/** Share of the place that its deviation has at least. */
const LEAST = 1e-6;

abstract class Follower extends BirdModelBase {
  /** Where it is now, and the deviation of where it will be. */
  protected get pace(): { readonly here: number; readonly scale: number } {
    const locations = this.places.map(({ dove_location }) => dove_location);
    const here = locations.at(-1) ?? 0;
    const moves = locations.slice(1).map((location, i) => location - locations[i]!);
    return { here, scale: Math.max(deviation(moves) * Math.sqrt(AHEAD), LEAST * Math.max(1, Math.abs(here))) };
  }
}

/** Mostly small moves, sometimes large ones: the benchmark of the game. */
export class CoreAndTail extends Follower {
  override predict(): DensitySpec {
    const { here, scale } = this.pace;
    const part = (width: number) => builtin('norm', { loc: here, scale: width * scale });
    return mixture([part(1), 0.95], [part(3), 0.05]);
  }
}

/** Heavy tails in one piece. */
export class Student extends Follower {
  override predict(): DensitySpec {
    const { here, scale } = this.pace;
    return builtin('t', { df: 4, loc: here, scale: scale * Math.SQRT1_2 });
  }
}

/** Surer than it can be. */
export class Narrow extends Follower {
  override predict(): DensitySpec {
    const { here, scale } = this.pace;
    return builtin('norm', { loc: here, scale: scale / 4 });
  }
}

/** Sometimes raises, sometimes has a scale below 0. */
export class FaultyFollower extends Follower {
  override predict(): DensitySpec {
    const { here, scale } = this.pace;
    const fault = faultAt('dove', this.places.at(-1)?.time ?? 0);
    if (fault === 'raise') throw new Error('a model may raise');
    return builtin('norm', { loc: here, scale: fault === 'not-a-number' ? -scale : scale });
  }
}
