import { byCodePoint, type Prediction, RoundPredicted } from '@crunch-node/streams';
import type { PostPredictHook } from '../crunch-config.ts';
import { copyOf } from '../lent.ts';
import { called, errorText } from '../operators-code.ts';
import { REASON_LIMIT, shortened } from './refused-output.ts';

/**
 * The round as the operator's hook leaves it: it may change, drop or add predictions. Its result is checked like
 * everything that is recorded; when it throws or returns anything else, the pending predictions fail with the reason,
 * and other rounds are unaffected.
 */
export function afterHook(round: RoundPredicted, hook: PostPredictHook | null): RoundPredicted {
  if (hook === null) return round;
  const { predictions, ...about } = round.data;
  try {
    const changed = [...called(() => hook(copyOf(predictions), copyOf(about)))].sort((a, b) =>
      byCodePoint(a.model_id, b.model_id),
    );
    const ids = new Set(changed.map(({ prediction_id }) => prediction_id));
    if (ids.size !== changed.length) throw new RangeError('expected prediction ids that differ, received one twice');
    return RoundPredicted.at(round.at, { ...about, predictions: changed });
  } catch (error) {
    const reason = shortened(`post_predict_hook: ${errorText(error)}`, REASON_LIMIT);
    return RoundPredicted.at(round.at, { ...about, predictions: predictions.map((p) => failedBy(p, reason)) });
  }
}

const failedBy = (prediction: Prediction, reason: string): Prediction =>
  prediction.status === 'PENDING' ? { ...prediction, status: 'FAILED', reason } : prediction;
