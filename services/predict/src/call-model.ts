import type { ModelOutcome } from '@crunch-node/domain';
import type { CallLimits, EncodedCall, ModelAnswer, ModelPool } from '@crunch-node/models';

/** The answers of models to one call, as far as they have arrived. */
export interface ReceivedAnswer {
  readonly outcomes: readonly ModelOutcome[];
  /** milliseconds per model called */
  readonly execMs: Readonly<Record<string, number>>;
  /** errors reported by connections about failed calls, per model */
  readonly details: Readonly<Record<string, string>>;
}

export interface Measured {
  readonly execMs: Record<string, number>;
  readonly details: Record<string, string>;
}

type Answered = Extract<ModelOutcome, { kind: 'answered' }>;

/** Calls a model once; returns its answer as it is recorded, with the measurements. */
export function callModel(
  pool: ModelPool,
  model_id: string,
  call: EncodedCall,
  limits: CallLimits,
  measured: Measured,
): Answered | Promise<Answered> {
  const received = ({ exec_us, detail, status, result, error_code, message }: ModelAnswer): Answered => {
    measured.execMs[model_id] = exec_us / 1000;
    if (detail !== null) measured.details[model_id] = detail;
    return { kind: 'answered', model_id, status, result, error_code, message };
  };
  const answering = pool.call(model_id, call, limits);
  return answering instanceof Promise ? answering.then(received) : received(answering);
}
