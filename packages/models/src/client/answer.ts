import { status } from '@grpc/grpc-js';
import type { ModelAnswer } from '../pool.ts';
import type { CallResponse } from '../wire/protocol.ts';
import { decodeVariant } from '../wire/variant.ts';
import { kept } from './text.ts';
import { type CallFault, type CallOutcome, fault } from './unary.ts';

/** The result of a call before its duration is known. */
export type CallVerdict = Omit<ModelAnswer, 'exec_us'> & {
  /** how the client has to react */
  readonly remedy:
    | 'none'
    /** the model works on another call */
    | 'wait'
    /** the instance is lost: set up again */
    | 'set-up'
    /** the method is missing, or the class is wrong */
    | 'give-up'
    /** the peer does not accept our identity */
    | 'authenticate'
    | 'reconnect';
};

/** Result of an RPC, by the tables of the protocol. Only a late or a busy model is a TIMEOUT. */
export function judge(outcome: CallOutcome<CallResponse>): CallVerdict {
  if (!outcome.ok) return judgeFault(outcome);
  const { status: reported, methodResponse } = outcome.response;
  const code = reported?.code ?? '';
  if (code !== 'SUCCESS') {
    return failed(code === '' ? 'UNKNOWN' : code, reported?.message || null, REMEDY_OF_CODE.get(code) ?? 'none');
  }
  try {
    const result = decodeVariant(methodResponse);
    return { status: 'SUCCESS', result, error_code: null, message: null, detail: null, remedy: 'none' };
  } catch (error) {
    return failed('UNDECODABLE', (error as Error).message, 'none');
  }
}

// a map, since the code comes from the peer and may be the name of a property of every object
const REMEDY_OF_CODE: ReadonlyMap<string, CallVerdict['remedy']> = new Map([
  ['BAD_IMPLEMENTATION', 'give-up'],
  ['FAILED_PRECONDITION', 'set-up'],
]);

const failed = (error_code: string, message: string | null, remedy: CallVerdict['remedy']): CallVerdict => ({
  status: 'FAILED',
  result: undefined,
  error_code: kept(error_code),
  message: message === null ? null : kept(message),
  detail: null,
  remedy,
});

const transportFault = (
  answered: 'FAILED' | 'TIMEOUT',
  { name, details }: Pick<CallFault, 'name' | 'details'>,
  remedy: CallVerdict['remedy'],
): CallVerdict => ({
  status: answered,
  result: undefined,
  error_code: name,
  message: null,
  detail: kept(details),
  remedy,
});

function judgeFault(outcome: CallFault): CallVerdict {
  switch (outcome.code) {
    case status.DEADLINE_EXCEEDED:
      return transportFault('TIMEOUT', outcome, 'none');
    case status.RESOURCE_EXHAUSTED:
      // a message that is too large has the same status, and a retry would not help
      if (/larger than max/i.test(outcome.details)) return transportFault('FAILED', outcome, 'none');
      return transportFault('TIMEOUT', outcome, 'wait');
    case status.UNAUTHENTICATED:
      return transportFault('FAILED', outcome, 'authenticate');
    case status.UNAVAILABLE:
      return transportFault('FAILED', outcome, 'reconnect');
    default:
      return transportFault('FAILED', outcome, 'none');
  }
}

/** Result of a call whose deadline passed before it could be sent. */
export const lateInQueue = (): CallVerdict =>
  judgeFault(fault(status.DEADLINE_EXCEEDED, 'the deadline passed before the model was free'));

/** Result of a call that could not be sent. */
export const unavailable = (details: string): CallVerdict =>
  transportFault('FAILED', { name: 'UNAVAILABLE', details }, 'none');

export const answer = ({ remedy: _, ...verdict }: CallVerdict, exec_us: number): ModelAnswer => ({
  ...verdict,
  exec_us,
});
