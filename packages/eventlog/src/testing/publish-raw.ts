import { until } from '@crunch-node/embedded/testing';
import { connect, headers, type Msg, type NatsConnection, NatsError } from 'nats';
import { readAck } from '../ack.ts';

/** A connection without the log's code: to act as another client, or to see a server's raw responses. */
export interface RawClient {
  readonly nc: NatsConnection;
  /** Publishes and returns the result of {@link readAck}: `stored 7`, `duplicate 7`, `conflict 10071`, `none`. */
  publish(natsSubject: string, header?: Readonly<Record<string, string | number>>, payload?: string): Promise<string>;
  /** Repeats a request to the JetStream API until it succeeds. */
  api<T = Record<string, unknown>>(natsSubject: string, body?: object): Promise<T>;
  close(): Promise<void>;
}

const ANSWER_MS = 2_000;
/**
 * A cluster that has just started places no stream before its servers know each other, which takes time on a busy
 * machine.
 */
const API_MS = 60_000;

/** @param url of the one server to connect to, or several, separated by commas */
export async function rawClient(url: string, credentials: { user?: string; pass?: string } = {}): Promise<RawClient> {
  const nc = await connect({ servers: url.split(','), ignoreClusterUpdates: true, ...credentials });
  return {
    nc,
    async publish(natsSubject, header = {}, payload = 'x') {
      const lines = headers();
      for (const [name, value] of Object.entries(header)) lines.set(name, String(value));
      try {
        return textOf(await nc.request(natsSubject, payload, { timeout: ANSWER_MS, headers: lines }));
      } catch (error) {
        if (error instanceof NatsError && error.code === 'TIMEOUT') return 'none';
        if (error instanceof NatsError && error.code === '503') return 'transient no stream listens';
        throw error;
      }
    },
    async api<T>(natsSubject: string, body?: object) {
      let last: unknown;
      const ask = async (): Promise<T | undefined> => {
        try {
          const answer = await nc.request(`$JS.API.${natsSubject}`, body === undefined ? '' : JSON.stringify(body), {
            timeout: ANSWER_MS,
          });
          const parsed = answer.json<T & { error?: { code: number; err_code: number } }>();
          if (parsed.error === undefined) return parsed;
          last = parsed.error;
        } catch (error) {
          last = error;
        }
        return undefined;
      };
      return until(`an answer to ${natsSubject}`, ask, { deadlineMs: API_MS, everyMs: 100 }).catch((error: unknown) => {
        throw new Error(`expected an answer to ${natsSubject}, received ${JSON.stringify(last)}`, { cause: error });
      }) as Promise<T>;
    },
    close: () => nc.close(),
  };
}

function textOf(message: Msg): string {
  const ack = readAck(message);
  if (ack === null) return 'nothing';
  if (ack.kind === 'stored') return `${ack.duplicate ? 'duplicate' : 'stored'} ${ack.sequence}`;
  return `${ack.kind} ${/\((\d+)\)$/.exec(ack.reason)?.[1] ?? /sequence (\d+),/.exec(ack.reason)?.[0] ?? ack.reason}`;
}
