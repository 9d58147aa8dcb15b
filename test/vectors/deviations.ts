/** Advisory cases we answer differently from the reference, and why. Everything else we answer like it. */
export const deviations: Readonly<Record<string, string>> = {
  'snapshot_hash/non_finite': 'what JSON has no form for is refused instead of hashed as a bare word',
  'turnover/nan_prediction': 'a missing prediction is left out instead of making the metric NaN',
  'mean_return/nan_return': 'a missing outcome is left out with its prediction instead of making the metric NaN',
  'tournament_round/failed_sample_shifts_pairing':
    'the reason of a refused sample has our own text; the shifted pairing is reproduced',
};
