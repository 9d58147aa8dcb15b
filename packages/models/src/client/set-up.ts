import { status } from '@grpc/grpc-js';
import type { FailureCode } from '../pool.ts';
import type { SetupResponse } from '../wire/protocol.ts';
import { kept } from './text.ts';
import type { CallOutcome } from './unary.ts';

/** Result of a Setup. */
export type SetupOutcome =
  | { readonly kind: 'running' }
  /** a retry cannot help: to be reported to the orchestrator */
  | { readonly kind: 'failed'; readonly failure_code: FailureCode; readonly failure_reason: string | null }
  /** our own configuration is wrong: to be logged, and not reported as a failure of the model */
  | { readonly kind: 'misconfigured'; readonly reason: string }
  /** may go better next time */
  | { readonly kind: 'retry'; readonly reason: string };

export function judgeSetup(outcome: CallOutcome<SetupResponse>): SetupOutcome {
  if (!outcome.ok) {
    const reason = `${outcome.name}: ${outcome.details}`;
    return outcome.code === status.UNAUTHENTICATED
      ? { kind: 'failed', failure_code: 'CONNECTION_FAILED', failure_reason: reason }
      : { kind: 'retry', reason };
  }
  const code = outcome.response.status?.code ?? '';
  const message = kept(outcome.response.status?.message ?? '');
  const reason = message === '' ? kept(code) || null : message;
  switch (code) {
    case 'SUCCESS':
      return { kind: 'running' };
    case 'BAD_IMPLEMENTATION':
      return { kind: 'failed', failure_code: 'BAD_IMPLEMENTATION', failure_reason: reason };
    case 'INVALID_ARGUMENT':
      return { kind: 'misconfigured', reason: `Setup answered INVALID_ARGUMENT: ${message}` };
    default:
      return { kind: 'failed', failure_code: 'MULTIPLE_FAILED', failure_reason: reason };
  }
}
