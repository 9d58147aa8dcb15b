import { isObject, validateOutput } from '@crunch-node/domain';
import type { Json, JsonObject } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';

export type LegacyStatus = 'PENDING' | 'SCORED' | 'FAILED' | 'ABSENT';
const STATUSES: readonly string[] = ['PENDING', 'SCORED', 'FAILED', 'ABSENT'];

/** The output is checked first; a runner status that is one of our own statuses is used as it is. */
export function legacyMapRunnerResult(
  outputType: TObject,
  runnerStatus: string,
  result: Json,
): { status: LegacyStatus; inference_output: JsonObject } {
  const output = isObject(result) ? result : { result };
  const validated = validateOutput(outputType, output, { profile: 'legacy' });
  if (!validated.ok) {
    return { status: 'FAILED', inference_output: { _validation_error: validated.error, raw_output: output } };
  }
  const named = STATUSES.includes(runnerStatus) ? (runnerStatus as LegacyStatus) : 'FAILED';
  return { status: runnerStatus === 'SUCCESS' ? 'PENDING' : named, inference_output: validated.output };
}
