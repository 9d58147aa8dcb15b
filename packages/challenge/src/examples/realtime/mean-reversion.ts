import { deviation, mean, ratio, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

const LOOKBACK = 30;

/** Prices return to their average: minus the z-score of the last price among the last thirty. */
export class MeanReversion extends ModelBase {
  override predict(subject: string): ModelOutput {
    const closes = this.closes(subject).slice(-LOOKBACK);
    const last = closes.at(-1) ?? 0;
    return { value: squash(-ratio(last - mean(closes), deviation(closes)) / 2) };
  }
}
