import { Backoff } from '@crunch-node/streams/backoff';
import type { CallLimits, EncodedCall, ModelAnswer } from '../pool.ts';
import { renameCall } from '../wire/calls.ts';
import { answer, type CallVerdict, judge, lateInQueue, unavailable } from './answer.ts';
import type { Address, ChannelSettings } from './channel.ts';
import { type Link, openLink } from './link.ts';
import type { PeerIdentity } from './runner-credentials.ts';
import { judgeSetup, type SetupOutcome } from './set-up.ts';
import { standstillMs } from './standstill.ts';
import { type ClientTiming, pause } from './timing.ts';
import { usesTls } from './tls-probe.ts';
import { takeTurns } from './turns.ts';

export interface ModelClientOptions {
  readonly peer: PeerIdentity;
  readonly address: Address;
  /** the serialised Setup */
  readonly setup: Uint8Array;
  readonly channel: ChannelSettings;
  readonly timing: ClientTiming;
  /** an attempt to initialise it has a connection, or has lost it */
  readonly onReachable: (reachable: boolean) => void;
  /** the runner does not respond to health checks: it has to be initialised again */
  readonly onUnhealthy: () => void;
  /** a patient call waits for a busy model, since so long */
  readonly onBusy: (waitedMs: number) => void;
  /** a call failed in a way that no later call can succeed */
  readonly onHopeless: (failure: Extract<SetupOutcome, { kind: 'failed' }>) => void;
}

export type InitialiseOutcome = Exclude<SetupOutcome, { kind: 'retry' }> | { readonly kind: 'aborted' };

/** The connection to one deployment of one model. */
export interface ModelClient {
  /** Connects (again) and sets the model up. The timing limits the number of attempts. */
  initialise(): Promise<InitialiseOutcome>;
  call(request: EncodedCall, limits: CallLimits): Promise<ModelAnswer>;
  close(): void;
}

/** Base classes of the field have the one or the other. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['feed_update', 'tick'],
  ['tick', 'feed_update'],
]);
/** On a machine with too much to do every attempt may meet a pause, and a model that hangs is late in each of them. */
const UNHEARD_ATTEMPTS = 3;
/** A run that waits for one model must not look as if it had died. */
const BUSY_LOGGED_EVERY_MS = 10_000;

/** gRPC keeps the deadline itself; this one is for the time before and between the RPCs of a call. */
const DEADLINE_GRACE_MS = 20;

async function atTheLatest(deadlineAt: number, answered: Promise<ModelAnswer>): Promise<ModelAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ModelAnswer>((resolve) => {
    timer = setTimeout(() => resolve(answer(lateInQueue(), 0)), deadlineAt - Date.now() + DEADLINE_GRACE_MS);
  });
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

const microseconds = (fromMs: number): number => Math.round((performance.now() - fromMs) * 1_000);

export function modelClient(options: ModelClientOptions): ModelClient {
  const { peer, address, setup, timing } = options;
  const closing = new AbortController();
  const turns = takeTurns();
  /** methods this deployment knows under their other name only */
  const renamed = new Set<string>();
  let link: Link | null = null;
  let connected = false;
  let timeoutsInARow = 0;

  async function initialise(): Promise<InitialiseOutcome> {
    let reason = '';
    for (const [attempt, pauseMs] of [...timing.retryMs, 0].entries()) {
      if (closing.signal.aborted) return { kind: 'aborted' };
      const outcome = await attemptOnce();
      if (closing.signal.aborted) return { kind: 'aborted' };
      if (outcome.kind !== 'retry') return outcome;
      reason = outcome.reason;
      if (
        attempt === 0 &&
        !connected &&
        options.channel.credentials.name === 'plaintext' &&
        (await usesTls(address, timing.tlsProbeMs))
      ) {
        return {
          kind: 'misconfigured',
          reason: `${address.ip}:${address.port} speaks TLS, calls are set to plaintext`,
        };
      }
      await pause(pauseMs, closing.signal);
    }
    return { kind: 'failed', failure_code: 'CONNECTION_FAILED', failure_reason: reason };
  }

  async function attemptOnce(): Promise<SetupOutcome> {
    link?.close();
    link = openLink(address, peer, options.channel);
    connected = false;
    try {
      await link.ready(timing.readyMs);
      connected = true;
      options.onReachable(true);
    } catch (error) {
      options.onReachable(false);
      if (link.refusal !== null) {
        return { kind: 'failed', failure_code: 'CONNECTION_FAILED', failure_reason: link.refusal };
      }
      return { kind: 'retry', reason: (error as Error).message };
    }
    return judgeSetup(await link.setUp(setup, timing.setupMs));
  }

  /** Sends until the model accepts the call; a patient caller's deadline starts again with each attempt. */
  async function send(
    bytes: Uint8Array,
    { deadlineMs, patient }: CallLimits,
    deadlineAt: number,
  ): Promise<CallVerdict> {
    const [firstMs, longestMs] = timing.busyMs;
    const backoff = new Backoff({ firstMs, longestMs });
    const sinceMs = Date.now();
    let loggedMs = sinceMs;
    let unheard = 0;
    for (;;) {
      const current = link;
      if (current === null || closing.signal.aborted) return unavailable('the model is not connected');
      const graceMs = patient ? timing.connectGraceMs : Math.min(timing.connectGraceMs, deadlineAt - Date.now());
      if (!(await current.readySoon(graceMs))) return unavailable(`no connection to ${address.ip}:${address.port}`);
      const stoodStillMs = standstillMs();
      const verdict = judge(await current.call(bytes, patient ? Date.now() + deadlineMs : deadlineAt));
      if (!patient || Date.now() - sinceMs > timing.patienceMs) return verdict;
      // A process that was stopped meanwhile has not waited: whether the model is late is not known yet.
      const isUnheard = verdict.status === 'TIMEOUT' && standstillMs() - stoodStillMs > deadlineMs / 4;
      if (isUnheard) unheard += 1;
      if (verdict.remedy !== 'wait' && (!isUnheard || unheard >= UNHEARD_ATTEMPTS)) return verdict;
      if (Date.now() - loggedMs > BUSY_LOGGED_EVERY_MS) {
        loggedMs = Date.now();
        options.onBusy(loggedMs - sinceMs);
      }
      await pause(backoff.nextMs(), closing.signal);
    }
  }

  async function ask(request: EncodedCall, limits: CallLimits, deadlineAt: number): Promise<CallVerdict> {
    const otherName = OTHER_NAMES.get(request.method);
    const bytes =
      otherName !== undefined && renamed.has(request.method) ? renameCall(request, otherName).bytes : request.bytes;
    let verdict = await send(bytes, limits, deadlineAt);
    if (verdict.remedy === 'reconnect') {
      // a connection that broke while idle shows only now; a peer that is really gone refuses at once
      verdict = await send(bytes, limits, deadlineAt);
    } else if (verdict.remedy === 'set-up') {
      const again = link === null ? null : judgeSetup(await link.setUp(setup, timing.setupMs));
      if (again?.kind === 'failed') options.onHopeless(again);
      if (again?.kind === 'running') verdict = await send(bytes, limits, deadlineAt);
    } else if (verdict.remedy === 'give-up' && otherName !== undefined && bytes === request.bytes) {
      const other = await send(renameCall(request, otherName).bytes, limits, deadlineAt);
      if (other.remedy !== 'give-up') verdict = other;
      if (other.status === 'SUCCESS' || other.error_code === 'MODEL_FAILED') renamed.add(request.method);
    }
    react(verdict, limits.deadlineMs);
    return verdict;
  }

  function react(verdict: CallVerdict, deadlineMs: number): void {
    if (verdict.remedy === 'give-up' || verdict.remedy === 'authenticate') {
      const failure_code = verdict.remedy === 'give-up' ? 'BAD_IMPLEMENTATION' : 'CONNECTION_FAILED';
      options.onHopeless({ kind: 'failed', failure_code, failure_reason: verdict.message ?? verdict.detail });
    }
    timeoutsInARow = verdict.status === 'TIMEOUT' ? timeoutsInARow + 1 : 0;
    if (timeoutsInARow > 0 && timeoutsInARow % timing.timeoutsPerHealthCheck === 0) {
      const checked = link;
      void checked?.alive(deadlineMs).then((alive) => {
        if (!alive && checked === link && !closing.signal.aborted) options.onUnhealthy();
      });
    }
  }

  return {
    initialise,
    async call(request, limits) {
      const deadlineAt = Date.now() + limits.deadlineMs;
      const turn = turns.take();
      const answered = turn.then(async (giveBack) => {
        try {
          if (!limits.patient && Date.now() >= deadlineAt) return answer(lateInQueue(), 0);
          const startMs = performance.now();
          return answer(await ask(request, limits, deadlineAt), microseconds(startMs));
        } finally {
          giveBack();
        }
      });
      return limits.patient ? answered : atTheLatest(deadlineAt, answered);
    },
    close() {
      closing.abort();
      link?.close();
    },
  };
}
