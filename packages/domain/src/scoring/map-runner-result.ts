import type { Json, JsonObject, RunnerStatus } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { isObject } from './coerce.ts';
import { validateOutput } from './validate-output.ts';

/** What a model's answer comes to as a prediction. */
export interface MappedResult {
  readonly status: 'PENDING' | 'FAILED';
  readonly reason: string | null;
  readonly inference_output: JsonObject;
}

/**
 * A call's status and answer as a prediction: the answer is checked first, whatever the status. What is no object is
 * wrapped as `result`. An answer that is refused is kept beside the reason as far as JSON can hold it.
 */
export function mapRunnerResult(outputType: TObject, runnerStatus: RunnerStatus, result: Json): MappedResult {
  const output = isObject(result) ? result : { result };
  const validated = validateOutput(outputType, output);
  if (!validated.ok) {
    const inference_output = { _validation_error: validated.error, raw_output: jsonSafe(output) };
    return { status: 'FAILED', reason: validated.error, inference_output };
  }
  return runnerStatus === 'SUCCESS'
    ? { status: 'PENDING', reason: null, inference_output: validated.output }
    : { status: 'FAILED', reason: runnerStatus, inference_output: validated.output };
}

const KEPT_TEXT = 1_000;

/** Small answers as they are, numbers JSON has no form for as text; large ones cut to their beginning. */
function jsonSafe(output: JsonObject): Json {
  let text: string;
  try {
    text = JSON.stringify(output, (_, part: unknown) =>
      typeof part === 'number' && !Number.isFinite(part)
        ? String(part)
        : typeof part === 'string'
          ? part.toWellFormed()
          : part,
    );
  } catch {
    return 'too deep to keep';
  }
  return text.length <= KEPT_TEXT ? (JSON.parse(text) as Json) : text.slice(0, KEPT_TEXT).toWellFormed();
}
