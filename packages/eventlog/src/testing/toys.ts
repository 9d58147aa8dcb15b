import { randomBytes } from 'node:crypto';
import { defineEvent, defineStream, escapeToken, idOf, namespaceOf } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import type { Message } from '../log.ts';

/** A toy event, as small as an event can be. */
export const Said = defineEvent('Said', {
  v: 1,
  data: Type.Object({ speaker: Type.String(), n: Type.Integer(), text: Type.Optional(Type.String()) }),
  id: ({ speaker, n }) => idOf('said', speaker, n),
  natsSubject: ({ speaker }) => `said.${escapeToken(speaker)}`,
});

export const said = defineStream('SAID', ['said.*'], [Said]);

const AT = '2024-01-01T00:00:00.000000Z';

export function say(speaker: string, n: number, more: Partial<Message> & { text?: string } = {}): Message {
  const { text, ...rest } = more;
  const event = Said.at(AT, { speaker, n, ...(text !== undefined && { text }) });
  return { event, natsSubject: Said.natsSubjectOf(event.data), ...rest };
}

/** A unique namespace: one server serves many tests. */
export const freshNamespace = () => namespaceOf(`t${randomBytes(6).toString('hex')}`);
