import { DensityFault, type PostPredictHook, refusedOutputOf } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';

type Round = Parameters<PostPredictHook>[1];

/**
 * A hook that records predictions in one form. Those that `read` refuses fail with the reason, and are kept for
 * inspection as far as they are short; others are unchanged.
 * @param read throws a {@link DensityFault} for an invalid prediction
 */
export const checkedAnswers =
  (read: (answer: JsonObject, round: Round) => JsonObject): PostPredictHook =>
  (predictions, round) =>
    predictions.map((prediction) => {
      if (prediction.status !== 'PENDING') return prediction;
      try {
        return { ...prediction, inference_output: read(prediction.inference_output, round) };
      } catch (error) {
        if (!(error instanceof DensityFault)) throw error;
        const { message: reason } = error;
        const inference_output = {
          _validation_error: reason,
          raw_output: refusedOutputOf(prediction.inference_output),
        };
        return { ...prediction, status: 'FAILED', reason, inference_output };
      }
    });
