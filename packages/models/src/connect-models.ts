import type { JsonObject } from '@crunch-node/streams';
import type { ChannelSettings } from './client/channel.ts';
import { plaintext } from './client/credentials.ts';
import type { RunnerCredentials } from './client/runner-credentials.ts';
import { type ClientTiming, defaultTiming } from './client/timing.ts';
import { connectOrchestrator, type OrchestratorTiming, type PoolLog } from './orchestrator/connection.ts';
import type { ModelPool, PoolChange } from './pool.ts';
import { openRoster } from './roster.ts';
import { awaitedModels, isAwaited } from './settling.ts';
import { encodeSetup } from './wire/calls.ts';

export interface ConnectModelsOptions {
  /** `ws://host:port` or `wss://…`; the crunch id becomes the path */
  readonly orchestratorUrl: string;
  readonly crunchId: string;
  /** the participant's class derives from this one, for example `cruncher.ModelBaseClass` */
  readonly baseClassname: string;
  /** keyword arguments of the participant's constructor; a whole number is sent as an integer */
  readonly modelArguments?: JsonObject;
  /** limits of gRPC messages; default: 4 MiB per message */
  readonly callDefaults?: { readonly maxMessageBytes?: number };
  readonly credentials?: RunnerCredentials;
  /** token for an orchestrator that wants one */
  readonly bearer?: string;
  readonly log?: PoolLog;
  /**
   * Whether to connect to a model; absent: to all. Evaluated when one is announced and at each `lookAgain`, so that
   * several processes can share the models between them.
   */
  readonly wanted?: (modelId: string) => boolean;
  /** false: models are never reported nor given up, for debugging */
  readonly reportFailures?: boolean;
  readonly timing?: Partial<ClientTiming & OrchestratorTiming>;
}

const ORCHESTRATOR_TIMING: OrchestratorTiming = { backOffMs: [1_000, 30_000], pingMs: 20_000 };
const DEFAULT_MESSAGE_BYTES = 4 * 1024 * 1024;
const ORCHESTRATOR_MESSAGE_BYTES = 16 * 1024 * 1024;
/** How often it is looked whether patience with a model has ended. */
const LOOK_EVERY_MS = 100;
const silent: PoolLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Follows an orchestrator and keeps a connection to each running model. Returns at once: `settled` resolves when the
 * models are connected, and a lost orchestrator is reconnected to until `close`.
 *
 * @throws {TypeError} for a URL that is not one of a WebSocket
 */
export function connectModels(options: ConnectModelsOptions): ModelPool {
  const { log = silent, credentials = plaintext } = options;
  const timing = { ...defaultTiming, ...ORCHESTRATOR_TIMING, ...options.timing };
  const channel: ChannelSettings = {
    credentials,
    maxMessageBytes: options.callDefaults?.maxMessageBytes ?? DEFAULT_MESSAGE_BYTES,
  };
  const listeners = new Set<(change: PoolChange) => void>();
  /** looks again whether what it waits for has come */
  const waiting = new Set<() => void>();

  const roster = openRoster({
    setup: encodeSetup(options.baseClassname, options.modelArguments),
    channel,
    timing,
    log,
    wanted: options.wanted ?? (() => true),
    report: options.reportFailures === false ? null : (report) => orchestrator.report(report),
    onChange: (change) => {
      for (const listener of [...listeners]) listener(change);
      wake();
    },
    onProgress: () => wake(),
  });
  const orchestrator = connectOrchestrator({
    url: options.orchestratorUrl,
    crunchId: options.crunchId,
    bearer: options.bearer,
    maxMessageBytes: ORCHESTRATOR_MESSAGE_BYTES,
    timing,
    log,
    onMessage: (message) => {
      roster.receive(message);
      wake();
    },
  });
  function wake(): void {
    for (const look of [...waiting]) look();
  }

  return {
    get orchestratorConnected() {
      return orchestrator.connected;
    },
    running: () => roster.running(),
    get elsewhere() {
      return roster.elsewhere;
    },
    lookAgain() {
      roster.lookAgain();
      wake();
    },
    isRunning: (modelId) => roster.isRunning(modelId),
    call: (modelId, call, limits) => roster.call(modelId, call, limits),
    async reportFailure(modelId, code, reason) {
      roster.fail(modelId, code, reason);
    },
    watch(listener) {
      for (const model of roster.running()) listener({ kind: 'running', model });
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    awaited: (expected) => awaitedModels(roster, expected),
    settled(expected, signal, patience) {
      return new Promise((resolve, reject) => {
        let initialisedMs: number | undefined;
        let timer: NodeJS.Timeout | undefined;
        const stop = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
          signal.removeEventListener('abort', giveUp);
        };
        const look = (): void => {
          clearTimeout(timer);
          const awaited = awaitedModels(roster, expected);
          if (awaited === null) return;
          initialisedMs ??= performance.now();
          const waitedMs = performance.now() - initialisedMs;
          if (awaited.some((model) => isAwaited(model, expected, waitedMs, patience))) {
            if (patience !== undefined) timer = setTimeout(look, LOOK_EVERY_MS);
            return;
          }
          stop();
          resolve(awaited);
        };
        const giveUp = (): void => {
          stop();
          reject(signal.reason);
        };
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        signal.addEventListener('abort', giveUp);
        waiting.add(look);
        look();
      });
    },
    async close() {
      roster.close();
      await orchestrator.close();
    },
  };
}
