import type { ChannelSettings } from './client/channel.ts';
import { type InitialiseOutcome, type ModelClient, modelClient } from './client/model-client.ts';
import type { ClientTiming } from './client/timing.ts';
import type { PoolLog } from './orchestrator/connection.ts';
import type { Announcement, FailureReport, OrchestratorMessage } from './orchestrator/messages.ts';
import type { CallLimits, EncodedCall, FailureCode, ModelAnswer, ModelIdentity, PoolChange } from './pool.ts';

type Running = Extract<Announcement, { state: 'RUNNING' }>;

interface Entry {
  announcement: Running;
  readonly client: ModelClient;
  /** running: set up at least once; refused: given up on, and kept because failures are not reported */
  state: 'pending' | 'running' | 'refused';
  /** pending: it has a connection and is being set up */
  reachable: boolean;
}

/** A model that was announced and has not joined yet. */
export interface PendingModel {
  readonly model_id: string;
  /** `host:port` */
  readonly address: string;
  /** connected, and being set up */
  readonly reachable: boolean;
}

export interface RosterOptions {
  /** the serialised Setup */
  readonly setup: Uint8Array;
  readonly channel: ChannelSettings;
  readonly timing: ClientTiming;
  readonly log: PoolLog;
  /** whether a model is to be connected to */
  readonly wanted: (modelId: string) => boolean;
  /** null: failures are not reported and the models stay, for debugging */
  readonly report: ((report: FailureReport) => void) | null;
  readonly onChange: (change: PoolChange) => void;
  /** an initialisation has ended, well or not */
  readonly onProgress: () => void;
}

/** The connected models, following the messages of the orchestrator. Models do not wait for each other. */
export interface Roster {
  receive(message: OrchestratorMessage): void;
  running(): readonly ModelIdentity[];
  isRunning(modelId: string): boolean;
  /** announced and not wanted */
  readonly elsewhere: number;
  /** Connects to models that are wanted now, disconnects from others. */
  lookAgain(): void;
  /** the first `init` is in */
  readonly initialised: boolean;
  /** in order of their announcement */
  pending(): readonly PendingModel[];
  /** given up on, and not seen running since */
  isGivenUp(modelId: string): boolean;
  call(modelId: string, call: EncodedCall, limits: CallLimits): Promise<ModelAnswer>;
  fail(modelId: string, code: FailureCode, reason: string | null): void;
  close(): void;
}

export function openRoster({ log, onChange, onProgress, wanted, ...options }: RosterOptions): Roster {
  const entries = new Map<string, Entry>();
  /** running models that another process connects to */
  const unwanted = new Map<string, Running>();
  /** models that were reported to listeners as running, with the identity that was reported */
  const announced = new Map<string, ModelIdentity>();
  const givenUp = new Set<string>();
  let initialised = false;

  function receive(message: OrchestratorMessage): void {
    if (message.event === 'error') {
      log.error({ reason: message.error }, 'orchestrator refused the connection');
      return;
    }
    if (message.event === 'unusable') {
      log.warn({ reason: message.fault }, 'orchestrator message ignored');
      return;
    }
    for (const reason of message.faults) log.warn({ reason }, 'model announcement ignored');
    const { announcements } = message;
    for (const announcement of message.event === 'init' ? newestDeployments(announcements) : announcements) {
      if (announcement.state === 'RUNNING') start(announcement);
      else stop(announcement.model);
    }
    if (message.event === 'init') {
      initialised = true;
      const named = new Set(message.named);
      for (const [modelId, entry] of [...entries]) if (!named.has(modelId)) remove(modelId, entry);
      for (const modelId of [...unwanted.keys()]) if (!named.has(modelId)) unwanted.delete(modelId);
    }
  }

  function start(announcement: Running): void {
    const { model } = announcement;
    if (!wanted(model.model_id)) {
      unwanted.set(model.model_id, announcement);
      return;
    }
    const known = entries.get(model.model_id);
    if (known !== undefined && sameDeployment(known.announcement, announcement)) {
      known.announcement = announcement;
      if (known.state === 'running') announce(model);
      return;
    }
    known?.client.close();
    const client = modelClient({
      ...options,
      peer: { model_id: model.model_id, wallet: announcement.wallet, hotkey: announcement.hotkey },
      address: { ip: announcement.ip, port: announcement.port },
      onHopeless: ({ failure_code, failure_reason }) => give(entry, failure_code, failure_reason),
      onReachable: (reachable) => {
        entry.reachable = reachable;
      },
      onBusy: (waited_ms) => log.warn({ model_id: model.model_id, waited_ms }, 'model busy'),
      onUnhealthy: () => {
        log.warn({ model_id: model.model_id }, 'model unresponsive, reconnecting');
        void initialise(entry);
      },
    });
    const entry: Entry = { announcement, client, state: 'pending', reachable: false };
    entries.set(model.model_id, entry);
    void initialise(entry);
  }

  async function initialise(entry: Entry): Promise<void> {
    const outcome = await entry.client.initialise();
    // ignored if the model was replaced or removed meanwhile
    if (entries.get(entry.announcement.model.model_id) === entry) conclude(entry, outcome);
    onProgress();
  }

  function conclude(entry: Entry, outcome: InitialiseOutcome): void {
    const { model } = entry.announcement;
    switch (outcome.kind) {
      case 'running':
        entry.state = 'running';
        announce(model);
        return;
      case 'failed':
        give(entry, outcome.failure_code, outcome.failure_reason);
        return;
      case 'misconfigured':
        log.error(
          { model_id: model.model_id, reason: outcome.reason },
          'cannot use the model: check the configuration',
        );
        remove(model.model_id, entry);
        return;
      case 'aborted':
        return;
    }
  }

  function announce(model: ModelIdentity): void {
    givenUp.delete(model.model_id);
    const before = announced.get(model.model_id);
    if (before !== undefined && sameIdentity(before, model)) return;
    announced.set(model.model_id, model);
    onChange({ kind: 'running', model });
  }

  /** A late stop of an old deployment must not end the new one. */
  function stop(model: ModelIdentity): void {
    if (unwanted.get(model.model_id)?.model.deployment_id === model.deployment_id) unwanted.delete(model.model_id);
    const entry = entries.get(model.model_id);
    if (entry?.announcement.model.deployment_id === model.deployment_id) remove(model.model_id, entry);
  }

  function remove(modelId: string, entry: Entry): void {
    entry.client.close();
    entries.delete(modelId);
    const model = announced.get(modelId);
    announced.delete(modelId);
    if (model !== undefined) onChange({ kind: 'stopped', model });
  }

  function give(entry: Entry, failure_code: FailureCode, failure_reason: string | null): void {
    const { model, ip } = entry.announcement;
    if (entries.get(model.model_id) !== entry) return;
    log.warn({ model_id: model.model_id, failure_code, failure_reason }, 'model dropped');
    givenUp.add(model.model_id);
    if (options.report === null) {
      if (entry.state === 'pending') entry.state = 'refused';
      return;
    }
    entry.client.close();
    entries.delete(model.model_id);
    announced.delete(model.model_id);
    options.report({ model_id: model.model_id, failure_code, failure_reason, ip });
    onChange({ kind: 'failed', model, failure_code, failure_reason });
  }

  function lookAgain(): void {
    for (const [modelId, entry] of [...entries]) {
      if (wanted(modelId)) continue;
      unwanted.set(modelId, entry.announcement);
      remove(modelId, entry);
    }
    for (const [modelId, announcement] of [...unwanted]) {
      if (!wanted(modelId)) continue;
      unwanted.delete(modelId);
      start(announcement);
    }
  }

  const isRunning = (modelId: string): boolean => entries.get(modelId)?.state === 'running';

  return {
    receive,
    running: () => [...announced.values()].filter(({ model_id }) => isRunning(model_id)),
    isRunning,
    lookAgain,
    get elsewhere() {
      return unwanted.size;
    },
    get initialised() {
      return initialised;
    },
    pending: () =>
      [...entries].flatMap(
        ([
          model_id,
          {
            state,
            reachable,
            announcement: { ip, port },
          },
        ]) => (state === 'pending' ? [{ model_id, address: `${ip}:${port}`, reachable }] : []),
      ),
    isGivenUp: (modelId) => givenUp.has(modelId),
    async call(modelId, call, limits) {
      const entry = entries.get(modelId);
      if (entry?.state === 'running') return entry.client.call(call, limits);
      const detail = 'the model is not running';
      return { status: 'FAILED', result: undefined, error_code: 'UNAVAILABLE', message: null, detail, exec_us: 0 };
    },
    fail(modelId, code, reason) {
      const entry = entries.get(modelId);
      if (entry !== undefined) give(entry, code, reason);
    },
    close() {
      for (const { client } of entries.values()) client.close();
      entries.clear();
      unwanted.clear();
      announced.clear();
    },
  };
}

/**
 * During a replacement `init` names the old and the new deployment of a model, in any order; the id holds the time of
 * the start. Following the old one would lose the model when that one is stopped.
 */
function newestDeployments(announcements: readonly Announcement[]): readonly Announcement[] {
  const newest = new Map<string, Announcement>();
  for (const announcement of announcements) {
    const { model_id, deployment_id } = announcement.model;
    const other = newest.get(model_id);
    if (other === undefined || deployment_id > other.model.deployment_id) newest.set(model_id, announcement);
  }
  return [...newest.values()];
}

const sameDeployment = (a: Running, b: Running): boolean =>
  a.model.deployment_id === b.model.deployment_id &&
  a.ip === b.ip &&
  a.port === b.port &&
  a.wallet === b.wallet &&
  a.hotkey === b.hotkey;

const sameIdentity = (a: ModelIdentity, b: ModelIdentity): boolean =>
  a.deployment_id === b.deployment_id &&
  a.model_name === b.model_name &&
  a.cruncher_id === b.cruncher_id &&
  a.cruncher_name === b.cruncher_name;
