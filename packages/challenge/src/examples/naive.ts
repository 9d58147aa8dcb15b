import { change } from '../indicators.ts';
import { ModelBase, type ModelOutput } from '../model-base.ts';

/** The baseline: the sign of the last candle and no opinion on how much. Whoever loses to this has work to do. */
export class Naive extends ModelBase {
  override predict(subject: string): ModelOutput {
    return { value: Math.sign(change(this.closes(subject), 1)) * 0.1 };
  }
}
