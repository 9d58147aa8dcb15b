import { type ConnectionStatus, type ConnectOptions, connectLog } from '@crunch-node/eventlog';
import { escapeToken, namespaceOf, signals } from '@crunch-node/streams';
import { readSignals, type Signal, type SignalsOptions } from './read-signals.ts';

export interface SignalsConnection extends Pick<ConnectOptions, 'url' | 'user' | 'pass' | 'token' | 'creds' | 'tls'> {
  /** `CRUNCH_NAMESPACE` of the competition, default none */
  readonly namespace?: string;
  /** where answers come in; default `_INBOX_<user>`, which is what the user of deploy/nats.conf may listen to */
  readonly inboxPrefix?: string;
  /** who is connected, for the operator's list of connections */
  readonly name?: string;
  /** how long to wait for a connection at start, default 5000 */
  readonly timeoutMs?: number;
  /** told when the connection is lost and found again */
  readonly onStatus?: (status: ConnectionStatus) => void;
}

/** What an ensemble's members counted for in its newest signal. */
export interface CurrentWeights {
  readonly ensemble: string;
  /** model id → weight; they sum to 1, or there are none: nobody gave a usable answer */
  readonly weights: Readonly<Record<string, number>>;
  /** end of the cycle in which they were decided; null while all models count the same */
  readonly weights_cycle_end: string | null;
  /** when the signal's round took place */
  readonly performed_at: string;
}

/** Reads what ensembles say. It stays connected: after a lost connection it goes on where it was. */
export interface SignalsClient {
  /**
   * Signals in the order in which they were said, each once, for ever: end it with `break` or an abort signal.
   * @throws {LogHasGap} when what it was to go on from was trimmed away {LogWentBackwards} when the stream is another one
   */
  signals(options?: SignalsOptions): AsyncGenerator<Signal, void, undefined>;
  /** Of the newest signal of an ensemble; null while it has said nothing. */
  weights(ensemble: string): Promise<CurrentWeights | null>;
  readonly connected: boolean;
  close(): Promise<void>;
}

/**
 * Connects with a user who may read signals and nothing else.
 * @throws {CannotReach} {WrongCredentials} {NotPermitted} {LogUnavailable} when there are no signals to read there
 */
export async function connectSignals(options: SignalsConnection): Promise<SignalsClient> {
  const { namespace, ...rest } = options;
  const user = options.user ?? userIn(options.url);
  const log = await connectLog({
    patienceMs: 5_000,
    ...(user !== undefined && { inboxPrefix: `_INBOX_${user}` }),
    ...rest,
    namespace: namespaceOf(namespace),
    lookUpOnly: true,
  });
  try {
    await log.info(signals); // says at once what the user may not do
  } catch (error) {
    await log.close();
    throw error;
  }
  return {
    signals: (wanted = {}) => readSignals(log, wanted),
    async weights(ensemble) {
      const newest = await log.last(signals, `signals.ensemble.${escapeToken(ensemble)}.*`);
      if (newest?.event.type !== 'EnsembleSignalled') return null;
      const { members, weights_cycle_end, performed_at } = newest.event.data;
      const weights = Object.fromEntries(members.map(({ model_id, weight }) => [model_id, weight]));
      return { ensemble, weights, weights_cycle_end, performed_at };
    },
    get connected() {
      return log.connected;
    },
    close: () => log.close(),
  };
}

/** `nats://user:password@host` */
function userIn(url: string): string | undefined {
  const user = /^(?:\w+:\/\/)?([^:@/]+):[^@/]*@/.exec(url)?.[1];
  return user === undefined ? undefined : decodeURIComponent(user);
}
