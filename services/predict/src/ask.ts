import { argumentsOf, type CrunchConfig, type ModelOutcome, type RecordWork, type Round } from '@crunch-node/domain';
import {
  type EncodedCall,
  encodeCall,
  type ModelPool,
  noStrikes,
  recordedStrikes,
  type Strikes,
  shouldSkip,
  strikeOut,
} from '@crunch-node/models';
import { type JsonObject, millisOf, type Pace } from '@crunch-node/streams';
import { callModel, type ReceivedAnswer } from './call-model.ts';
import type { RosterWriter } from './roster.ts';
import { inputsOf } from './shown-input.ts';

/** The answers of models to the work of one record, with the measurements taken. */
export interface Answers {
  /** the input they were sent, when it cannot be derived again from the feed */
  readonly input: JsonObject | null;
  readonly rounds: readonly RoundAnswer[];
  readonly timing: Readonly<Record<string, number>>;
}

export interface RoundAnswer extends ReceivedAnswer {
  readonly round: Round;
  /** why no model was called (live pace: too old), or null */
  readonly skipped: string | null;
  readonly timing: Readonly<Record<string, number>>;
}

export interface AskContext {
  readonly config: CrunchConfig;
  readonly pace: Pace;
  readonly pool: ModelPool;
  /** models of a partition that are expected to answer, in code point order */
  readonly roster: Pick<RosterWriter, 'known'>;
  /** how calls are made for the pool; serialised unless given */
  readonly encode?: typeof encodeCall;
  /** how the input of a record is made; from its window unless given */
  readonly inputs?: ReturnType<typeof inputsOf>;
  /** unix microseconds */
  nowUs(): number;
  count(name: string, n: number): void;
}

/** All values, at once where none has to be waited for: models of this process mostly answer at once. */
const all = <T>(values: readonly (T | Promise<T>)[]): readonly T[] | Promise<readonly T[]> =>
  values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);

const after = <T, U>(value: T | Promise<T>, next: (value: T) => U): U | Promise<U> =>
  value instanceof Promise ? value.then(next) : next(value);

/** Sends models a record's window, then calls them for every round that is due. */
export function createAsk({ config, pace, pool, roster, nowUs, count, encode = encodeCall, inputs }: AskContext) {
  const inputOf = inputs ?? inputsOf(config, encode);

  return async function ask(
    work: RecordWork,
    partition: number,
    strikes: ReadonlyMap<string, Strikes>,
  ): Promise<Answers> {
    const patient = pace === 'replay';
    const timing: Record<string, number> = { notify_received_us: nowUs() };
    const known = roster.known(partition);
    const stale = (round: Round): boolean =>
      pace === 'live' && Date.now() - millisOf(round.performed_at) > round.interval_seconds * 1000;
    const skipped = work.rounds.filter(stale);
    const due = work.rounds.filter((round) => !skipped.includes(round));
    const callable = known.filter((modelId) => pool.isRunning(modelId));
    const keepsInput =
      config.pre_feed_update_hook !== null || due.some((round) => round.resolvable_at <= round.performed_at);
    const needsInput = callable.length > 0 || (keepsInput && due.length > 0);
    const shown = needsInput ? inputOf(work) : null;
    timing.data_loaded_us = nowUs();

    const shortest = Math.min(config.model_timeout_seconds, ...due.map((round) => round.interval_seconds));
    const update = shown?.call ?? null;
    const answered =
      update === null
        ? []
        : callable.map((modelId) => pool.call(modelId, update, { deadlineMs: shortest * 1000, patient }));
    count('feed_updates', answered.length);

    const rounds = await all([
      ...skipped.map((round) => skip(round)),
      ...due.map((round) => askRound(round, known, strikes, patient, shown?.fault ?? null)),
    ]);
    // A round is complete without them; only replay waits, so that records never overtake each other inside a model.
    if (patient || due.length === 0) await all(answered);
    timing.tick_completed_us = nowUs();
    return { input: keepsInput && shown !== null ? shown.input : null, rounds, timing };
  };

  function skip(round: Round): RoundAnswer {
    count('skipped', 1);
    const reason = `older than its interval of ${round.interval_seconds} s when it could be asked`;
    return { round, skipped: reason, outcomes: [], execMs: {}, details: {}, timing: {} };
  }

  function askRound(
    round: Round,
    known: readonly string[],
    strikes: ReadonlyMap<string, Strikes>,
    patient: boolean,
    fault: string | null,
  ): RoundAnswer | Promise<RoundAnswer> {
    const deadlineMs = Math.min(config.model_timeout_seconds, round.interval_seconds) * 1000;
    const execMs: Record<string, number> = {};
    const details: Record<string, string> = {};
    const timing: Record<string, number> = { models_dispatched_us: nowUs() };
    let call: EncodedCall | undefined;
    const outcomes = all(
      known.map((model_id): ModelOutcome | Promise<ModelOutcome> => {
        if (fault !== null) return { kind: 'absent', model_id, reason: fault };
        if (!pool.isRunning(model_id)) return { kind: 'absent', model_id, reason: 'not connected' };
        const struck = strikes.get(model_id) ?? noStrikes;
        if (shouldSkip(struck).skip) return reportIfOut(struck, { kind: 'cooling', model_id });
        call ??= encode(config.call_method.method, argumentsOf(config.call_method, round.scope));
        const answered = (answer: Exclude<ModelOutcome, { kind: 'absent' }>): ModelOutcome => {
          count('calls', 1);
          return reportIfOut(struck, answer);
        };
        return after(callModel(pool, model_id, call, { deadlineMs, patient }, { execMs, details }), answered);
      }),
    );
    return after(outcomes, (received): RoundAnswer => {
      timing.models_completed_us = nowUs();
      return { round, skipped: null, outcomes: received, execMs, details, timing };
    });
  }

  /** Too many consecutive failures or time-outs: reported to the orchestrator, and the model is not called again. */
  function reportIfOut(struck: Strikes, outcome: Exclude<ModelOutcome, { kind: 'absent' }>): ModelOutcome {
    const code = strikeOut(recordedStrikes(struck, outcome.kind === 'answered' ? outcome.status : 'TIMEOUT'));
    if (code !== null) void pool.reportFailure(outcome.model_id, code, null);
    return outcome;
  }
}
