import {
  argumentsOf,
  type CrunchConfig,
  hasRoundsByCommand,
  initialPlan,
  type PlanState,
  plan,
  predictionOf,
  type RecordWork,
} from '@crunch-node/domain';
import { type EncodedCall, encodeCall, type ModelAnswer, type ModelPool } from '@crunch-node/models';
import {
  addSeconds,
  FeedRecorded,
  type Instant,
  type Json,
  type JsonObject,
  millisOf,
  spacingSeconds,
} from '@crunch-node/streams';
import { Value } from '@sinclair/typebox/value';
import { inputsOf } from './shown-input.ts';

/** One call of a model, and how the competition would read its answer. */
export interface CheckedCall {
  /** method and situation: `predict btc-5m, after 1 record` */
  readonly what: string;
  /** what would be recorded as the reason of the failure; null: all is well */
  readonly fault: string | null;
  readonly exec_ms: number;
}

export interface CheckedModel {
  readonly model_id: string;
  readonly calls: readonly CheckedCall[];
}

export interface CheckOptions {
  readonly config: CrunchConfig;
  readonly pool: ModelPool;
  readonly modelIds: readonly string[];
  /** of the last made-up record */
  readonly end: Instant;
}

interface Asked {
  readonly what: string;
  readonly call: EncodedCall;
  /** checked against the output type */
  readonly scope_key: string | null;
}

/**
 * Calls each model once with everything the configuration calls for, as predict does, on generated records: with the
 * first record of a feed and with a full window. Models keep the records they are sent.
 */
export async function checkModels({ config, pool, modelIds, end }: CheckOptions): Promise<readonly CheckedModel[]> {
  const asked = hasRoundsByCommand(config) ? askedOfTournament(config) : askedOfFeeds(config, end);
  return Promise.all(
    modelIds.map(async (model_id) => {
      const calls: CheckedCall[] = [];
      for (const one of asked) {
        const answer = await pool.call(model_id, one.call, {
          deadlineMs: config.model_timeout_seconds * 1000,
          patient: false,
        });
        calls.push({
          what: one.what,
          fault: faultOf(config, model_id, one, answer, end),
          exec_ms: answer.exec_us / 1000,
        });
      }
      return { model_id, calls };
    }),
  );
}

function faultOf(
  config: CrunchConfig,
  model_id: string,
  asked: Asked,
  answer: ModelAnswer,
  at: Instant,
): string | null {
  if (asked.scope_key === null && answer.status === 'SUCCESS') return null;
  const { status, reason } = predictionOf(
    { scope_key: asked.scope_key ?? '', performed_at: at },
    { kind: 'answered', model_id, ...answer },
    config.output_type,
  );
  return status === 'PENDING' ? null : [reason, answer.detail].filter(Boolean).join(': ');
}

function askedOfTournament(config: CrunchConfig): Asked[] {
  const features = config.input_type === null ? {} : (Value.Create(config.input_type) as Json);
  const call = encodeCall(config.call_method.method, [{ type: 'JSON', value: features }]);
  return [{ what: `${config.call_method.method} of a sample`, call, scope_key: 'sample' }];
}

function askedOfFeeds(config: CrunchConfig, end: Instant): Asked[] {
  const inputOf = inputsOf(config);
  return config.feed.subjects.flatMap((subject) => {
    const works = worksOf(config, subject, end);
    return works.flatMap(({ work, records }) => {
      const situation = `${subject}, after ${records} ${records === 1 ? 'record' : 'records'}`;
      const { call, fault } = inputOf(work);
      if (call === null) throw new Error(`nothing can be shown to models: ${fault}`);
      return [
        { what: `${config.feed_update_method} ${situation}`, call, scope_key: null },
        ...work.rounds.map((round) => ({
          what: `${config.call_method.method} ${round.scope_key}, after ${records} ${records === 1 ? 'record' : 'records'}`,
          call: encodeCall(config.call_method.method, argumentsOf(config.call_method, round.scope)),
          scope_key: round.scope_key,
        })),
      ];
    });
  });
}

/** The calls the first record causes, and those of the record that fills the window. */
function worksOf(config: CrunchConfig, subject: string, end: Instant): { work: RecordWork; records: number }[] {
  const schedules = config.scheduled_predictions.map((entry) => ({ config_id: entry.scope_key, entry }));
  const rules = { ...config, partition: 0, schedules };
  const count = config.feed.window;
  const seconds = spacingOf(config.feed.granularity);
  const works: { work: RecordWork; records: number }[] = [];
  let state: PlanState = initialPlan;
  for (let i = 0; i < count; i++) {
    // every schedule is due at the last record, whatever its interval
    if (i === count - 1) state = { ...state, slots: new Map() };
    const planned = plan(state, recordAt(config, subject, addSeconds(end, -seconds * (count - 1 - i)), i), rules);
    state = planned.state;
    if (planned.work !== null && (i === 0 || i === count - 1)) works.push({ work: planned.work, records: i + 1 });
  }
  return works;
}

/** A price that moves, the same in every check. */
function recordAt(config: CrunchConfig, subject: string, at: Instant, i: number): FeedRecorded {
  const { provider: source, kind, granularity } = config.feed;
  const close = 100 * (1 + 0.01 * Math.sin(i / 3) + 0.0005 * Math.cos(7 * i));
  const values: JsonObject =
    kind === 'candle'
      ? { open: close * 0.9995, high: close * 1.001, low: close * 0.999, close, volume: 10 + (i % 7) }
      : { price: close, quantity: 1 };
  const seconds = kind === 'candle' ? spacingOf(granularity) : 0;
  const ts_event = millisOf(at) - seconds * 1000;
  return FeedRecorded.at(at, { source, subject, kind, granularity, ts_event, values: values as never });
}

/** Seconds between records; a tick comes each second. */
const spacingOf = (granularity: string): number => spacingSeconds(granularity) ?? 1;
