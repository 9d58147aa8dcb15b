import { deviation, mean, minutes, ratio, returns, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

const FAST = 10;
const SLOW = 60;

/**
 * Trend of two averages, bolder in calm markets than in wild ones: the distance of the averages relative to the usual
 * move of the market over the horizon.
 */
export class VolatilityScaled extends ModelBase {
  override predict(subject: string, resolveHorizonSeconds: number): ModelOutput {
    const closes = this.closes(subject);
    const slow = mean(closes.slice(-SLOW));
    const trend = ratio(mean(closes.slice(-FAST)) - slow, slow);
    const moves = returns(closes);
    const expectedMove = deviation(moves) * Math.sqrt(minutes(resolveHorizonSeconds));
    const calmness = ratio(deviation(moves), deviation(moves.slice(-FAST)));
    return { value: squash((ratio(trend, expectedMove) * Math.min(calmness, 2)) / 10) };
  }
}
