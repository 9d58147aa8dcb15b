import { ratio, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

const LOOKBACK = 15;

/** Pressure of buyers and sellers: volume of rising candles against volume of falling ones. */
export class VolumeWeighted extends ModelBase {
  override predict(subject: string): ModelOutput {
    const candles = this.latest(subject)?.candles_1m?.slice(-LOOKBACK) ?? [];
    let signed = 0;
    let total = 0;
    for (const { open, close, high, low, volume } of candles) {
      signed += volume * ratio(close - open, high - low);
      total += volume;
    }
    return { value: squash(ratio(signed, total) * 2) };
  }
}
