import {
  type CheckpointStanding,
  type CheckpointStatus,
  decideConfirm,
  decideStatus,
  faultOfJson,
  type TransitionDecision,
} from '@crunch-node/domain';
import type { LogAppender, LogLookup } from '@crunch-node/eventlog';
import { type Accepted, type CommandHandler, CommandRefused, decideAndPublish } from '@crunch-node/service';
import {
  CheckpointClaimable,
  type CheckpointEvent,
  CheckpointPaid,
  CheckpointSubmitted,
  checkpoints,
  escapeToken,
  type Instant,
  type Json,
  type JsonObject,
} from '@crunch-node/streams';

/** Characters; the longest signature of a known chain has 88. */
const MAX_TX_HASH = 1_000;
const MAX_KEY_NAME = 200;

/** An operator's steps, decided against the last event of the checkpoint, which holds its status. */
export function checkpointCommands(log: LogAppender & LogLookup): Readonly<Record<string, CommandHandler>> {
  const step =
    (decide: (current: CheckpointStanding | null, body: JsonObject) => TransitionDecision): CommandHandler =>
    (body, at) =>
      decideAndPublish(log, checkpoints, async () => {
        const { checkpoint_id, by, ...rest } = bodyOf(body);
        const natsSubject = addressOf(checkpoint_id);
        // Read first: an append in between is refused, and the step is decided again.
        const after = natsSubject === null ? 0 : await log.lastSequence(checkpoints, natsSubject);
        const last = natsSubject === null ? null : await log.last(checkpoints, natsSubject);
        const decision = decide(last === null ? null : standingAfter(last.event), rest);
        if (!decision.ok) throw new CommandRefused(decision.http_status, decision.reason);
        if (last === null || natsSubject === null) throw new CommandRefused(404, 'there is no such checkpoint');
        const unfit = decision.tx_hash === null ? null : faultOfJson(decision.tx_hash, MAX_TX_HASH);
        if (unfit !== null) throw new CommandRefused(422, `tx_hash: ${unfit}`);
        if (!decision.changed) return { event: last.event, sequence: last.sequence } satisfies Accepted;
        const actor = typeof by === 'string' && faultOfJson(by, MAX_KEY_NAME) === null ? { by } : {};
        const signed = { checkpoint_id: String(checkpoint_id), ...actor };
        const event = stepEvent(at, signed, decision.status, decision.tx_hash);
        return { event, natsSubject, after };
      });
  return {
    'checkpoints.confirm': step((current, { tx_hash }) => decideConfirm(current, tx_hash)),
    'checkpoints.status': step((current, body) => decideStatus(current, body)),
  };
}

const bodyOf = (body: Json): JsonObject => {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw new CommandRefused(422, 'expected an object');
};

/** Null for a name no checkpoint can have; `checkpoints.cycle` is the address of closings. */
function addressOf(checkpointId: Json | undefined): string | null {
  if (typeof checkpointId !== 'string' || !checkpointId.isWellFormed() || checkpointId === 'cycle') return null;
  return `checkpoints.${escapeToken(checkpointId)}`;
}

function standingAfter(event: CheckpointEvent): CheckpointStanding | null {
  switch (event.type) {
    case 'CheckpointCreated':
      return { status: 'PENDING', tx_hash: null };
    case 'CheckpointSubmitted':
      return { status: 'SUBMITTED', tx_hash: event.data.tx_hash };
    case 'CheckpointClaimable':
      return { status: 'CLAIMABLE', tx_hash: null };
    case 'CheckpointPaid':
      return { status: 'PAID', tx_hash: null };
    case 'CycleClosed':
      return null;
  }
}

function stepEvent(
  at: Instant,
  step: { readonly checkpoint_id: string; readonly by?: string },
  status: CheckpointStatus,
  tx_hash: string | null,
): Exclude<CheckpointEvent, { type: 'CycleClosed' | 'CheckpointCreated' }> {
  switch (status) {
    case 'SUBMITTED':
      return CheckpointSubmitted.at(at, { ...step, tx_hash: tx_hash ?? '' });
    case 'CLAIMABLE':
      return CheckpointClaimable.at(at, step);
    case 'PAID':
      return CheckpointPaid.at(at, step);
    case 'PENDING':
      throw new RangeError('expected a step after PENDING');
  }
}
