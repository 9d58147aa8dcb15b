import { ApiFault, type Connection, STREAM_NOT_FOUND } from './connection.ts';
import { StreamMissing } from './errors.ts';
import { MESSAGE_ID } from './headers.ts';
import type { StreamInfo } from './log.ts';
import { findDirectly } from './look-up-directly.ts';
import { microsOf } from './server-time.ts';
import type { Query, Stored } from './stored.ts';

export interface Lookups {
  /** @param natsSubject with the namespace */
  lastMessage(stream: string, natsSubject: string): Promise<Stored | null>;
  messageAt(stream: string, sequence: number): Promise<Stored | null>;
  /** The first on the subject at or after a sequence. @param natsSubject with the namespace */
  messageFrom(stream: string, sequence: number, natsSubject: string): Promise<Stored | null>;
  info(stream: string): Promise<StreamInfo>;
  exists(stream: string): Promise<boolean>;
}

interface InfoAnswer {
  readonly created: string;
  readonly config: { readonly num_replicas?: number };
  readonly state: { readonly first_seq: number; readonly last_seq: number; readonly bytes: number };
  readonly cluster?: { readonly leader?: string };
}

const MESSAGE_NOT_FOUND = 10037;

/** Single messages and states of streams. Names and subjects here carry the namespace. */
export function createLookups(connection: Connection): Lookups {
  async function infoOf(stream: string): Promise<InfoAnswer> {
    try {
      return await connection.api<InfoAnswer>(`$JS.API.STREAM.INFO.${stream}`);
    } catch (error) {
      if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) throw new StreamMissing(stream);
      throw error;
    }
  }

  /**
   * The leader of the stream responds. A direct request may be served by any replica or mirror, however far behind, and
   * is no faster.
   */
  const find = (stream: string, query: Query): Promise<Stored | null> =>
    connection.lookUpOnly ? findDirectly(connection, stream, query) : findByApi(stream, query);

  async function findByApi(stream: string, query: Query): Promise<Stored | null> {
    try {
      const { message } = await connection.api<{ message: ApiMessage }>(`$JS.API.STREAM.MSG.GET.${stream}`, query);
      const { seq, subject, hdrs, data, time } = message;
      const payload = Buffer.from(data ?? '', 'base64');
      return { sequence: seq, natsSubject: subject, id: idIn(hdrs), payload, storedUs: microsOf(time) };
    } catch (error) {
      if (error instanceof ApiFault && error.errCode === MESSAGE_NOT_FOUND) return null;
      if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) throw new StreamMissing(stream);
      throw error;
    }
  }

  /** Stream state derived from its messages: without identity and size. */
  async function endsOf(stream: string): Promise<StreamInfo> {
    const [first, last] = await Promise.all([
      findDirectly(connection, stream, { seq: 0, next_by_subj: '>' }),
      findDirectly(connection, stream, { last_by_subj: '>' }),
    ]);
    return { created: '', firstSequence: first?.sequence ?? 1, lastSequence: last?.sequence ?? 0, bytes: 0 };
  }

  return {
    lastMessage: (stream, natsSubject) => find(stream, { last_by_subj: natsSubject }),
    messageAt: (stream, sequence) => find(stream, { seq: sequence }),
    messageFrom: (stream, sequence, natsSubject) => find(stream, { seq: sequence, next_by_subj: natsSubject }),
    async info(stream) {
      if (connection.lookUpOnly) return endsOf(stream);
      const { created, config, state, cluster } = await infoOf(stream);
      return {
        created,
        firstSequence: state.first_seq,
        lastSequence: state.last_seq,
        bytes: state.bytes,
        replicas: config.num_replicas ?? 1,
        ...(cluster?.leader && { leader: cluster.leader }),
      };
    },
    exists: (stream) =>
      infoOf(stream).then(
        () => true,
        (error) => {
          if (error instanceof StreamMissing) return false;
          throw error;
        },
      ),
  };
}

interface ApiMessage {
  readonly seq: number;
  readonly subject: string;
  /** base64 */
  readonly hdrs?: string;
  readonly data?: string;
  readonly time: string;
}

function idIn(headers: string | undefined): string {
  const text = Buffer.from(headers ?? '', 'base64').toString('utf8');
  const line = text.split('\r\n').find((candidate) => candidate.startsWith(`${MESSAGE_ID}:`));
  return line?.slice(MESSAGE_ID.length + 1).trim() ?? '';
}
