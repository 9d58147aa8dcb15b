/**
 * Status of a prediction, from the aliases `prediction` and `score`: it was never PENDING, or it is until there is a
 * score. An expired one and one whose scoring failed are FAILED, with the score's reason.
 */
export const PREDICTION_STATUS = `case
  when prediction.status <> 'PENDING' then prediction.status
  when score.outcome is null then 'PENDING'
  when score.outcome = 'scored' then 'SCORED'
  else 'FAILED' end`;

export type PredictionStatus = 'PENDING' | 'SCORED' | 'FAILED' | 'ABSENT';
