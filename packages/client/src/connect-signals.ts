import { type ConnectionStatus, type ConnectOptions, connectLog } from '@crunch-node/eventlog';
import { escapeToken, namespaceOf, signals } from '@crunch-node/streams';
import { readSignals, type Signal, type SignalsOptions } from './read-signals.ts';

export interface SignalsConnection extends Pick<ConnectOptions, 'url' | 'user' | 'pass' | 'token' | 'creds' | 'tls'> {
  /** `CRUNCH_NAMESPACE` of the competition, default none */
  readonly namespace?: string;
  /** prefix of reply subjects; default `_INBOX_<user>`, to which the user of deploy/nats.conf may subscribe */
  readonly inboxPrefix?: string;
  /** client name, for the operator's list of connections */
  readonly name?: string;
  /** how long to wait for a connection at start, default 5000 */
  readonly timeoutMs?: number;
  /** called when the connection is lost and restored */
  readonly onStatus?: (status: ConnectionStatus) => void;
}

/** The weights of an ensemble's members in its newest signal. */
export interface CurrentWeights {
  readonly ensemble: string;
  /** model id → weight; they sum to 1, or there are none: no member gave a usable answer */
  readonly weights: Readonly<Record<string, number>>;
  /** end of the cycle in which they were decided; null while all models have equal weights */
  readonly weights_cycle_end: string | null;
  /** `performed_at` of the signal's round */
  readonly performed_at: string;
}

/** Reads signals of ensembles. It stays connected: after a lost connection it continues from its position. */
export interface SignalsClient {
  /**
   * Signals in the order of the stream, each once, without end: stop it with `break` or an abort signal.
   * @throws {LogHasGap} when the signals to continue from were trimmed {LogWentBackwards} when the stream was replaced
   */
  signals(options?: SignalsOptions): AsyncGenerator<Signal, void, undefined>;
  /** Of the newest signal of an ensemble; null before its first one. */
  weights(ensemble: string): Promise<CurrentWeights | null>;
  readonly connected: boolean;
  close(): Promise<void>;
}

/**
 * Connects as a user with permission to read signals only.
 * @throws {CannotReach} {WrongCredentials} {NotPermitted} {LogUnavailable} when there are no readable signals
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
    await log.info(signals); // fails at once when the user lacks a permission
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
