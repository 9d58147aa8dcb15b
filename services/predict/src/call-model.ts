import type { ModelOutcome } from '@crunch-node/domain';
import type { CallLimits, EncodedCall, ModelPool } from '@crunch-node/models';

/** What models said to one question, as far as they have. */
export interface ReceivedAnswer {
  readonly outcomes: readonly ModelOutcome[];
  /** milliseconds per model called */
  readonly execMs: Readonly<Record<string, number>>;
  /** what connections said about calls that failed, per model */
  readonly details: Readonly<Record<string, string>>;
}

export interface Measured {
  readonly execMs: Record<string, number>;
  readonly details: Record<string, string>;
}

/** Calls a model once: its answer as it is written down, with what was measured noted beside it. */
export async function callModel(
  pool: ModelPool,
  model_id: string,
  call: EncodedCall,
  limits: CallLimits,
  measured: Measured,
): Promise<Extract<ModelOutcome, { kind: 'answered' }>> {
  const { exec_us, detail, status, result, error_code, message } = await pool.call(model_id, call, limits);
  measured.execMs[model_id] = exec_us / 1000;
  if (detail !== null) measured.details[model_id] = detail;
  return { kind: 'answered', model_id, status, result, error_code, message };
}
