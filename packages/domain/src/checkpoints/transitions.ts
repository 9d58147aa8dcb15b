/** The way of a checkpoint: PENDING, SUBMITTED, CLAIMABLE, PAID, one step at a time. */
export const checkpointStatuses = ['PENDING', 'SUBMITTED', 'CLAIMABLE', 'PAID'] as const;
export type CheckpointStatus = (typeof checkpointStatuses)[number];

/** The status of a checkpoint. */
export interface CheckpointStanding {
  readonly status: CheckpointStatus;
  readonly tx_hash: string | null;
}

export type TransitionDecision =
  | { readonly ok: true; readonly status: CheckpointStatus; readonly tx_hash: string | null; readonly changed: boolean }
  | { readonly ok: false; readonly http_status: 404 | 409 | 422; readonly reason: string };

const refuse = (http_status: 404 | 409 | 422, reason: string): TransitionDecision => ({
  ok: false,
  http_status,
  reason,
});
const unknown = (): TransitionDecision => refuse(404, 'there is no such checkpoint');
const hashOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value : null);

/** The operator has submitted it. Repeating this with the same hash changes nothing. */
export function decideConfirm(current: CheckpointStanding | null, txHash: unknown): TransitionDecision {
  if (current === null) return unknown();
  const tx_hash = hashOf(txHash);
  if (current.status === 'SUBMITTED' && tx_hash !== null && tx_hash === current.tx_hash) {
    return { ok: true, ...current, changed: false };
  }
  if (current.status !== 'PENDING') return refuse(409, `expected a PENDING checkpoint, it is ${current.status}`);
  if (tx_hash === null) return refuse(422, 'expected tx_hash to be a text');
  return { ok: true, status: 'SUBMITTED', tx_hash, changed: true };
}

/** The next step by name. A step into SUBMITTED needs the transaction's hash, except in the reference's form of the command. */
export function decideStatus(
  current: CheckpointStanding | null,
  { status, tx_hash }: { readonly status?: unknown; readonly tx_hash?: unknown },
  { profile = 'default' }: { readonly profile?: 'default' | 'legacy' } = {},
): TransitionDecision {
  if (current === null) return unknown();
  const wanted = checkpointStatuses.find((known) => known === status);
  if (wanted === undefined) return refuse(422, `expected status to be one of ${checkpointStatuses.join(', ')}`);
  const next = checkpointStatuses[checkpointStatuses.indexOf(current.status) + 1];
  if (wanted !== next)
    return refuse(409, `expected ${next ?? 'no further step'} after ${current.status}, received ${wanted}`);
  if (wanted === 'SUBMITTED' && profile === 'default') return decideConfirm(current, tx_hash);
  return { ok: true, status: wanted, tx_hash: current.tx_hash, changed: true };
}
