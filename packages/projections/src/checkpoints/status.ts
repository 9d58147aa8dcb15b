export type CheckpointStatus = 'PENDING' | 'SUBMITTED' | 'CLAIMABLE' | 'PAID';

/** The furthest step, from the transitions joined as `submitted`, `claimable` and `paid`. */
export const CHECKPOINT_STATUS = `case
  when paid.status is not null then 'PAID'
  when claimable.status is not null then 'CLAIMABLE'
  when submitted.status is not null then 'SUBMITTED'
  else 'PENDING' end`;
