import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { escapeToken, idOf } from './token.ts';

/** The one kind of event that names sequences: it is about a place in a log. */
const place = { stream: Type.String(), sequence: Type.Integer({ minimum: 1 }) };
type Place = { readonly stream: string; readonly sequence: number };
const natsSubject = ({ stream }: Place): string => `deadletters.${escapeToken(stream)}`;

/** A message nobody can read, as it was. */
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

/** Alternatives share one id: a dead letter is settled once, by whoever came first. */
const settledId = ({ stream, sequence }: Place): string => idOf('dead', stream, sequence, 'settled');

/** What it should have said was said after all. */
export const MessageRedriven = defineEvent('MessageRedriven', {
  v: 1,
  data: Type.Object({
    ...place,
    /** `corrected`: said anew at the end of its stream; `replayed`: today's code reads it where it stands */
    how: Type.Union([Type.Literal('corrected'), Type.Literal('replayed')]),
    /** the event it stands for */
    event_id: Type.String(),
    /** where the corrected one stands; null when it was replayed */
    new_sequence: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    by: Type.String(),
  }),
  id: settledId,
  natsSubject,
});
export type MessageRedriven = EventOf<typeof MessageRedriven>;

/** Somebody decided that it says nothing. It stays where it is. */
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
