import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { escapeToken, idOf } from './token.ts';

/** The only events whose ids contain a sequence: they are about a place in a log. */
const place = { stream: Type.String(), sequence: Type.Integer({ minimum: 1 }) };
type LetterPlace = { readonly stream: string; readonly sequence: number };
const natsSubject = ({ stream }: LetterPlace): string => `deadletters.${escapeToken(stream)}`;

/** A copy of a message that could not be read. */
export const MessageRejected = defineEvent('MessageRejected', {
  v: 1,
  data: Type.Object({
    ...place,
    nats_subject: Type.String(),
    headers: Type.Record(Type.String(), Type.Array(Type.String())),
    payload_base64: Type.String(),
    reason: Type.String(),
    refused_by: Type.String(),
  }),
  id: ({ stream, sequence }) => idOf('dead', stream, sequence),
  natsSubject,
});
export type MessageRejected = EventOf<typeof MessageRejected>;

/** Alternatives share one id: a dead letter is settled once, by the first to append. */
const settledId = ({ stream, sequence }: LetterPlace): string => idOf('dead', stream, sequence, 'settled');

/** The message was corrected, or has become readable. */
export const MessageRedriven = defineEvent('MessageRedriven', {
  v: 1,
  data: Type.Object({
    ...place,
    /**
     * `corrected`: appended in a corrected form at the end of its stream; `replayed`: current code reads it in place
     */
    how: Type.Union([Type.Literal('corrected'), Type.Literal('replayed')]),
    /** id of the event: the corrected one, or the message itself as it is read now */
    event_id: Type.String(),
    /** sequence of the corrected one; null when it was replayed */
    new_sequence: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    by: Type.String(),
  }),
  id: settledId,
  natsSubject,
});
export type MessageRedriven = EventOf<typeof MessageRedriven>;

/** An operator decided to ignore it. It stays in its stream. */
export const MessageDiscarded = defineEvent('MessageDiscarded', {
  v: 1,
  data: Type.Object({ ...place, reason: Type.String({ minLength: 1 }), by: Type.String() }),
  id: settledId,
  natsSubject,
});
export type MessageDiscarded = EventOf<typeof MessageDiscarded>;

export const deadletters = defineStream(
  'DEADLETTERS',
  ['deadletters.*'],
  [MessageRejected, MessageRedriven, MessageDiscarded],
);
export type DeadletterEvent = StreamEvent<typeof deadletters>;
