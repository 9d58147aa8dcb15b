import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { escapeToken, idOf } from './token.ts';

/** A message nobody can read, as it was. The one event that names a sequence: it is about a place in a log. */
export const MessageRejected = defineEvent('MessageRejected', {
  v: 1,
  data: Type.Object({
    stream: Type.String(),
    sequence: Type.Integer({ minimum: 1 }),
    nats_subject: Type.String(),
    headers: Type.Record(Type.String(), Type.Array(Type.String())),
    payload_base64: Type.String(),
    reason: Type.String(),
    refused_by: Type.String(),
  }),
  id: ({ stream, sequence }) => idOf('dead', stream, sequence),
  natsSubject: ({ stream }) => `deadletters.${escapeToken(stream)}`,
});
export type MessageRejected = EventOf<typeof MessageRejected>;

export const deadletters = defineStream('DEADLETTERS', ['deadletters.*'], [MessageRejected]);
export type DeadletterEvent = StreamEvent<typeof deadletters>;
