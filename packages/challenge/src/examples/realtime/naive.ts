import { change } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

/** The baseline: the sign of the last candle, always with the same confidence. Every other model should beat it. */
export class Naive extends ModelBase {
  override predict(subject: string): ModelOutput {
    return { value: Math.sign(change(this.closes(subject), 1)) * 0.1 };
  }
}
