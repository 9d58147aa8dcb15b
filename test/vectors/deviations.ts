/** Advisory cases we answer otherwise than the reference, and why. Everything else we answer like it. */
export const deviations: Readonly<Record<string, string>> = {
  'snapshot_hash/non_finite': 'what JSON has no form for is refused instead of hashed as a bare word',
  'turnover/nan_prediction': 'a missing prediction is left out instead of making the metric NaN',
  'mean_return/nan_return': 'a missing outcome is left out with its prediction instead of making the metric NaN',
  'tournament_round/failed_sample_shifts_pairing':
    'why a sample is refused is said in our words; the shifted pairing is reproduced',
};
