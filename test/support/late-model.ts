import { ModelBase, type ModelOutput } from '@crunch-node/challenge';
import type { LocalModel } from '@crunch-node/models';

/** Late once in a run, at a time of the feed's own; its call ends after the deadline. */
class LateOnce extends ModelBase {
  override async predict(subject: string): Promise<ModelOutput> {
    const asof = this.latest(subject)?.asof_ts ?? 0;
    if (subject === 'BTCUSDT' && asof % 3_600 === 1_200) {
      await new Promise<void>((resolve) => {
        if (this.cancelled.aborted) resolve();
        else this.cancelled.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return { value: 0.1 };
  }
}

export const lateModel: LocalModel = {
  model_id: 'late',
  model_name: 'late-once-an-hour',
  cruncher_id: 'local-late',
  cruncher_name: 'local-dev',
  create: () => new LateOnce(),
};
