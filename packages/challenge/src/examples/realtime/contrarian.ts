import { change, deviation, ratio, returns, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

/** Bets against the very last candle, and only when it was an unusual one. */
export class Contrarian extends ModelBase {
  override predict(subject: string): ModelOutput {
    const closes = this.closes(subject);
    const surprise = ratio(change(closes, 1), deviation(returns(closes)));
    return { value: Math.abs(surprise) < 1 ? 0 : squash(-surprise / 3) };
  }
}
