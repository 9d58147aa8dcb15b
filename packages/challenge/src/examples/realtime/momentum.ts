import { change, deviation, minutes, ratio, returns, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

const LOOKBACK = 20;

/** Rises continue: the return of the last twenty candles, relative to the usual move over that time. */
export class Momentum extends ModelBase {
  override predict(subject: string, resolveHorizonSeconds: number): ModelOutput {
    const closes = this.closes(subject);
    const usual = deviation(returns(closes)) * Math.sqrt(LOOKBACK);
    const strength = ratio(change(closes, LOOKBACK), usual);
    return { value: squash((strength * Math.sqrt(minutes(resolveHorizonSeconds))) / 4) };
  }
}
