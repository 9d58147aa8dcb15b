import {
  type AnswerLimit,
  afterHook,
  type CrunchConfig,
  fitMeasured,
  fitRound,
  initialPlan,
  type PlanRules,
  type PlanState,
  plan,
  type RecordWork,
  recordRound,
  recordSkipped,
} from '@crunch-node/domain';
import { noStrikes, recordedStrikes, type Strikes, strikeOut } from '@crunch-node/models';
import { definePromptStage, from, type PromptStage, to } from '@crunch-node/stages/definition';
import {
  type Cycle,
  feeds,
  type Pace,
  type PredictionEvent,
  PredictionsCycleClosed,
  predictions,
} from '@crunch-node/streams';
import type { Answers } from './ask.ts';

export interface PredictState {
  readonly plan: PlanState;
  /** failures and time-outs in a row per model, a fold of the recorded rounds */
  readonly strikes: ReadonlyMap<string, Strikes>;
}

export interface PredictContext {
  readonly rules: PlanRules;
  readonly outputType: CrunchConfig['output_type'];
  readonly postPredict: CrunchConfig['post_predict_hook'];
  readonly limit: AnswerLimit;
  readonly pace: Pace;
  ask(work: RecordWork, partition: number, strikes: ReadonlyMap<string, Strikes>): Promise<Answers>;
}

/** The predict stage of one partition: `plan` (pure), `ask` (the only I/O), `record` (pure). */
export function predictStage({
  rules,
  outputType,
  postPredict,
  limit,
  pace,
  ask,
}: PredictContext): PromptStage<PredictState, RecordWork, Answers> {
  const { partition } = rules;
  return definePromptStage({
    reads: from(feeds),
    writes: to(predictions, partition),
    sequential: pace === 'replay',
    initial: (): PredictState => ({ plan: initialPlan, strikes: new Map() }),
    keeping: {
      planned: (state) => state.plan,
      published: (planned, { strikes }) => ({ plan: planned, strikes }),
      restore: (kept) => kept,
    },
    remember: (state, published) => ({ ...state, strikes: withStrikes(state.strikes, published) }),
    plan(state, event) {
      const next = plan(state.plan, event, rules);
      return { state: { ...state, plan: next.state }, work: next.work };
    },
    remaining(work, isPublished) {
      const rounds = work.rounds.filter(({ round_id }) => !isPublished(round_id));
      // All answers are recorded: models need not get the record again, the next one brings its full window.
      return rounds.length === 0 && work.rounds.length > 0 ? null : { ...work, rounds };
    },
    ask: (work, state) => ask(work, partition, state.strikes),
    record: ({ window }, { input, rounds, timing }) =>
      rounds.map(({ round, skipped, outcomes, execMs, details, timing: asked }) => ({
        event:
          skipped === null
            ? fitRound(
                afterHook(recordRound(round, window, { outcomes, input }, outputType, limit), postPredict),
                limit,
              )
            : recordSkipped(round, skipped),
        obs: fitMeasured({ timing: { ...timing, ...asked }, exec_ms: execMs, details }, limit),
      })),
    failures: (_, obs) => (Object.keys(obs?.details ?? {}).length > 0 ? { details: obs?.details ?? {} } : null),
    closing: ({ start, end, config_hash }: Cycle) =>
      PredictionsCycleClosed.at(end, { start, end, config_hash, partition }),
  });
}

/**
 * Each prediction is a call that was made, or skipped to cool down; absent ones carry no information about the model.
 */
export function withStrikes(
  strikes: ReadonlyMap<string, Strikes>,
  published: PredictionEvent,
): ReadonlyMap<string, Strikes> {
  if (published.type !== 'RoundPredicted') return strikes;
  let next: Map<string, Strikes> | undefined;
  for (const { model_id, runner_status } of published.data.predictions) {
    if (runner_status === null) continue;
    const before = (next ?? strikes).get(model_id);
    const struck = recordedStrikes(before ?? noStrikes, runner_status);
    if (before !== undefined && isSame(before, struck)) continue;
    next ??= new Map(strikes);
    // Over the limit the model is reported and removed; if it comes back, its count starts at zero.
    next.set(model_id, strikeOut(struck) === null ? struck : noStrikes);
  }
  return next ?? strikes;
}

/** Most models answer each time, which changes nothing. */
const isSame = (a: Strikes, b: Strikes): boolean =>
  a.failures === b.failures && a.timeouts === b.timeouts && a.cooldown === b.cooldown;
