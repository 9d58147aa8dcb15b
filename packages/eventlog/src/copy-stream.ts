/**
 * A stream filled with the messages of another, at the same sequences. While it is being filled it carries a mark, so
 * that only the process that started the copy continues it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamDefinition } from '@crunch-node/streams';
import type { Msg, MsgHdrs } from 'nats';
import { type Ack, readAck } from './ack.ts';
import { ApiFault, type Connection, STREAM_NOT_FOUND } from './connection.ts';
import { CopyDiffers, StreamInUse } from './copy-errors.ts';
import { AppendRefused, LogClosed, StreamFullError, StreamMissing } from './errors.ts';
import { isInstruction, MESSAGE_ID } from './headers.ts';
import type { StoredMessage, StreamCopy } from './log.ts';
import type { Lookups } from './lookups.ts';
import { wantedFor } from './streams-setup.ts';

interface StreamState {
  readonly config: { readonly description?: string };
  readonly state: { readonly messages: number; readonly first_seq: number; readonly last_seq: number };
}

const ANSWER_MS = 10_000;
/** How often a message whose id the server still remembers is published again. */
const REMEMBERED_MS = 1_000;
const AGAIN_MS = 100;

/** @throws {StreamInUse} the stream has messages that were not written under this mark */
export async function openCopy(
  connection: Connection,
  lookups: Lookups,
  definition: StreamDefinition,
  { mark, firstSequence }: { readonly mark: string; readonly firstSequence: number },
): Promise<StreamCopy> {
  const name = connection.namespace.streamName(definition.name);
  const found = await stateOf(connection, name);
  const isOurs = found?.config.description === mark;
  if (found !== null && found.state.messages > 0 && !isOurs) throw new StreamInUse(name, found.state.messages);

  async function begin(): Promise<number> {
    const config = {
      ...wantedFor(connection, definition, {}),
      num_replicas: 1,
      max_bytes: -1,
      max_consumers: -1,
      description: mark,
    };
    const first_seq = firstSequence > 1 ? { first_seq: firstSequence } : {};
    if (found === null) await connection.api(`$JS.API.STREAM.CREATE.${name}`, { ...config, ...first_seq });
    else if (!isOurs) await connection.api(`$JS.API.STREAM.UPDATE.${name}`, { ...found.config, description: mark });
    const { state } = await foundState(connection, name);
    if (state.messages > 0) return state.last_seq;
    // Servers before 2.10 do not know the option, and an existing stream keeps its first sequence.
    const begins = state.last_seq + 1;
    if (begins !== firstSequence) throw new CopyDiffers(name, firstSequence, `its first message would be ${begins}`);
    return state.last_seq;
  }

  async function write(messages: readonly StoredMessage[], repeated: ReadonlySet<number>): Promise<void> {
    for (let rest = messages; rest.length > 0; ) {
      const [first] = rest;
      const again = rest.findIndex(({ sequence }) => repeated.has(sequence));
      const part = again === 0 ? rest.slice(0, 1) : again > 0 ? rest.slice(0, again) : rest;
      const outcome = await send(connection, name, part);
      if (outcome === 'stored') {
        rest = rest.slice(part.length);
        continue;
      }
      if (outcome === 'remembered' && again === 0) {
        await delay(REMEMBERED_MS);
        continue;
      }
      // Their outcome is unknown: the stream itself has to be inspected.
      await delay(AGAIN_MS);
      const { state } = await foundState(connection, name);
      const last = messages.find(({ sequence }) => sequence === state.last_seq);
      const before = (first?.sequence ?? 1) - 1;
      const stored = last && (await lookups.messageAt(name, last.sequence));
      if (state.last_seq !== before && stored?.id !== (last && idOf(last))) {
        throw new CopyDiffers(name, before + 1, `the stream ends at ${state.last_seq} with another message`);
      }
      rest = rest.filter(({ sequence }) => sequence > state.last_seq);
    }
  }

  return {
    lastSequence: isOurs ? (found?.state.last_seq ?? 0) : firstSequence - 1,
    begin,
    write,
    async finish() {
      const { config } = await foundState(connection, name);
      await connection.api(`$JS.API.STREAM.UPDATE.${name}`, { ...config, description: '' });
    },
  };
}

/** `remembered`: the server treats it as a duplicate; `unknown`: some responses are missing. */
async function send(
  connection: Connection,
  stream: string,
  messages: readonly StoredMessage[],
): Promise<'stored' | 'remembered' | 'unknown'> {
  const inbox = `${connection.inbox()}.`;
  const waiting = new Map(messages.map((message) => [message.sequence, message]));
  const { nc, namespace } = connection;
  if (nc.isClosed()) throw new LogClosed();
  if (!connection.connected) return 'unknown';
  return new Promise((resolve, reject) => {
    let leave = (): void => undefined;
    const end = (notify: () => void): void => {
      clearTimeout(overdue);
      leave();
      if (!nc.isClosed()) subscription.unsubscribe();
      notify();
    };
    const overdue = setTimeout(() => end(() => resolve('unknown')), ANSWER_MS);
    const onAnswer = (answer: Msg): void => {
      const message = waiting.get(Number(answer.subject.slice(inbox.length)));
      const ack = readAck(answer);
      if (message === undefined || ack === null) return;
      waiting.delete(message.sequence);
      const verdict = verdictOf(stream, message, ack);
      if (verdict instanceof Error) end(() => reject(verdict));
      else if (verdict !== 'stored') end(() => resolve(verdict));
      else if (waiting.size === 0) end(() => resolve('stored'));
    };
    const subscription = nc.subscribe(`${inbox}*`, {
      callback: (error, answer) => (error === null ? onAnswer(answer) : end(() => reject(error))),
    });
    const lost = (): void => end(() => resolve('unknown'));
    leave = connection.listen({ disconnected: lost, closed: lost });
    for (const message of messages) {
      const { sequence, natsSubject, payload } = message;
      const headers = encoded(message);
      nc.publish(namespace.natsSubject(natsSubject), payload, {
        reply: `${inbox}${sequence}`,
        ...(headers && { headers }),
      });
    }
  });
}

function verdictOf(stream: string, message: StoredMessage, ack: Ack): 'stored' | 'remembered' | 'unknown' | Error {
  const { sequence, natsSubject } = message;
  switch (ack.kind) {
    case 'stored':
      if (ack.sequence === sequence) return 'stored';
      if (ack.duplicate) return 'remembered';
      return new CopyDiffers(stream, sequence, `it was stored as ${ack.sequence}`);
    case 'full':
      return new StreamFullError(stream, idOf(message), ack.reason);
    case 'pending':
    case 'transient':
      return 'unknown';
    default:
      return new AppendRefused(natsSubject, idOf(message), ack.reason);
  }
}

const idOf = ({ headers }: StoredMessage): string => headers[MESSAGE_ID]?.[0] ?? '';

/** The header lines as they were, without instructions to the server; a publish uses only the bytes of its headers. */
function encoded({ headers }: StoredMessage): MsgHdrs | undefined {
  const kept = Object.entries(headers).filter(([name]) => !isInstruction(name));
  if (kept.length === 0) return undefined;
  const lines = kept.flatMap(([name, values]) => values.map((value) => `${name}: ${value}\r\n`));
  const bytes = Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`, 'utf8');
  return { encode: () => bytes } as unknown as MsgHdrs;
}

async function stateOf(connection: Connection, name: string): Promise<StreamState | null> {
  try {
    return await connection.api<StreamState>(`$JS.API.STREAM.INFO.${name}`);
  } catch (error) {
    if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) return null;
    throw error;
  }
}

async function foundState(connection: Connection, name: string): Promise<StreamState> {
  const found = await stateOf(connection, name);
  if (found === null) throw new StreamMissing(name);
  return found;
}
