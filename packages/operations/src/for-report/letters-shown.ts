import type { OperationsPort } from '@crunch-node/report';
import { type Letter, payloadOf, readAgain, sinceOf, stateOf } from '../dead-letters/index.ts';

type Shown = Awaited<ReturnType<OperationsPort['letters']>>[number];
type Detail = Awaited<ReturnType<OperationsPort['letter']>>;

/** @param redrive see `DeadLetter` of the report API */
export function shownLetter(letter: Letter, redrive: string | null): Shown {
  const { stream, sequence, nats_subject, reason, refused_by } = letter.rejected.data;
  return {
    id: letter.id,
    state: stateOf(letter),
    since: sinceOf(letter),
    stream,
    sequence,
    nats_subject,
    reason,
    refused_by,
    readable: readAgain(letter).kind === 'event',
    redrive: letter.settled === null ? redrive : null,
  };
}

const SHOWN_BYTES = 100_000;

export function letterDetail(letter: Letter, redrive: string | null): Detail {
  const bytes = payloadOf(letter);
  return {
    ...shownLetter(letter, redrive),
    headers: letter.rejected.data.headers,
    payload: new TextDecoder('utf-8').decode(bytes.subarray(0, SHOWN_BYTES)),
    payload_bytes: bytes.length,
    settled_by: letter.settled?.data.by ?? null,
  };
}
