import { ratio } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

const LOOKBACK = 60;
/** half of the range: within it there is no signal */
const CALM = 0.5;

/** Follows the price out of its range of the last hour; silent in the middle of the range. */
export class Breakout extends ModelBase {
  override predict(subject: string): ModelOutput {
    const closes = this.closes(subject).slice(-LOOKBACK);
    const last = closes.at(-1);
    if (last === undefined) return { value: 0 };
    const low = Math.min(...closes);
    const high = Math.max(...closes);
    const place = ratio(last - low, high - low) * 2 - 1; // −1 at the low, 1 at the high
    if (high === low || Math.abs(place) < CALM) return { value: 0 };
    return { value: (Math.sign(place) * (Math.abs(place) - CALM)) / (1 - CALM) };
  }
}
