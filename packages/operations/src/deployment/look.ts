import { kindOf } from '@crunch-node/config';
import { hasRoundsByCommand, ranksAccounts } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import {
  commonFailures,
  feedSummaries,
  type ReadModel,
  roundsSince,
  silentEnsembles,
  timeReached,
} from '@crunch-node/projections';
import { control, type Instant, instantOfMillis, type JsonObject, millisOf } from '@crunch-node/streams';
import { readLetters, stateOf } from '../dead-letters/index.ts';
import { type Status, survey } from '../status/index.ts';
import type { Answered, Facts, RoundFacts } from './facts.ts';

export interface LookOptions {
  /** of the configuration found here; null with the reason where it does not load */
  readonly own: { readonly hash: string } | { readonly fault: string };
  /** the options of commands that make a running configuration; null: they are not known */
  optionsOf?(running: { readonly hash: string; readonly config: JsonObject }): Promise<string | null>;
  readonly minutes: number;
  /** of the report API; null where it is not known */
  readonly apiUrl: string | null;
  readonly apiKey: string | undefined;
  readonly overMs: number;
  readonly frozenMs: number;
}

const API_MS = 5_000;
const FAILURES = 10;

/** Looks at everything once, stages twice. Nothing is started and nothing is written. */
export async function lookAtDeployment(
  log: EventLog,
  openModel: () => Promise<ReadModel>,
  { own, optionsOf, minutes, apiUrl, apiKey, overMs, frozenMs }: LookOptions,
): Promise<Facts> {
  const active = await log.last(control, 'control.config').catch(() => null);
  const data = active?.event.data;
  const terms = termsOf(data?.config ?? {});
  let opened: ReturnType<typeof openModel> | undefined;
  const readModel = () => (opened ??= openModel());
  const status = await survey(log, readModel, { overMs, frozenMs });
  const pace = data?.pace ?? 'live';
  const nowMs = status.projections === null || pace === 'live' ? Date.now() : await reachedMs(await readModel());
  const common = { nowMs, pace, minutes, cycleSeconds: data?.cycle_seconds ?? 60, ...terms };
  let looked: Status = status;
  const rows =
    status.projections === null
      ? nothing
      : await rowsOf(await readModel(), common).catch((error: Error) => {
          looked = { ...status, projections: null, postgres: error.message };
          return nothing;
        });
  const letters = await readLetters(log);
  const isOther = data !== undefined && !('hash' in own && own.hash === data.config_hash);
  const options = isOther ? await optionsOf?.({ hash: data.config_hash, config: data.config }) : null;
  return {
    ...common,
    config: {
      own: 'hash' in own ? own.hash : null,
      fault: 'fault' in own ? own.fault : null,
      options: options ?? null,
      active:
        active === null
          ? null
          : {
              hash: active.event.data.config_hash,
              revision: active.event.data.revision,
              atMs: millisOf(active.event.at),
            },
    },
    status: looked,
    ...rows,
    api: apiUrl === null ? null : await askApi(apiUrl, apiKey, data?.ensembles ?? []),
    deadLetters: letters.filter((letter) => stateOf(letter) === 'open').length,
  };
}

const nothing = { feeds: null, models: null, rounds: null, failures: [] } as const;

const reachedMs = async ({ db }: ReadModel): Promise<number> => {
  const reached = await timeReached(db);
  return reached === null ? Date.now() : millisOf(reached);
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

interface Terms extends Pick<Facts, 'latenessSeconds' | 'recordSeconds' | 'roundSeconds'> {
  /** subjects of the feed */
  readonly subjects: readonly string[];
  readonly horizonSeconds: number;
  readonly hasScores: boolean;
}

/** What of the running configuration decides when something is due. It was written by `activate`, in any version. */
function termsOf(config: JsonObject): Terms {
  const feed = (config.feed ?? {}) as { provider?: string; granularity?: string; subjects?: string[] };
  const schedules = ((config.scheduled_predictions ?? []) as unknown as Schedule[]).filter(
    ({ active }) => active !== false,
  );
  const kind = { kind: kindOf(config as Parameters<typeof kindOf>[0]) };
  const onDemand = hasRoundsByCommand(kind);
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(feed.granularity ?? '') ?? [];
  return {
    latenessSeconds: Number(config.lateness_seconds ?? 30),
    recordSeconds: onDemand || feed.provider === 'none' ? null : Number(count ?? 60) * (UNIT_SECONDS[unit] ?? 1),
    roundSeconds:
      onDemand || schedules.length === 0
        ? null
        : Math.min(...schedules.map((one) => one.prediction_interval_seconds ?? 60)),
    subjects: onDemand ? [] : (feed.subjects ?? []),
    horizonSeconds: Math.max(0, ...schedules.map((one) => one.resolve_horizon_seconds ?? 0)),
    hasScores: !onDemand && !ranksAccounts(kind),
  };
}

interface Schedule {
  readonly active?: boolean;
  readonly prediction_interval_seconds?: number;
  readonly resolve_horizon_seconds?: number;
}

type Common = Terms & Pick<Facts, 'nowMs' | 'pace' | 'minutes' | 'cycleSeconds'>;

async function rowsOf(
  { db }: ReadModel,
  common: Common,
): Promise<Pick<Facts, 'feeds' | 'models' | 'rounds' | 'failures' | 'silent'>> {
  const { nowMs, minutes, cycleSeconds, latenessSeconds, horizonSeconds, subjects, hasScores } = common;
  const before = (seconds: number): Instant => instantOfMillis(nowMs - Math.ceil(seconds * 1000));
  // A score comes when its cycle has closed in every stage before it.
  const patience = 3 * cycleSeconds + latenessSeconds + 30;
  const start = before(minutes * 60);
  const [summaries, states, counted, failures, silent] = await Promise.all([
    feedSummaries(db),
    db
      .selectFrom('model_states as state')
      .leftJoin('models as model', 'model.model_id', 'state.model_id')
      .select(['state.model_id', 'model.model_name', 'state.state', 'state.failure_reason'])
      .orderBy('state.model_id')
      .execute(),
    roundsSince(db, { start, open: before(horizonSeconds + patience + minutes * 60), due: before(patience) }),
    commonFailures(db, { start, limit: FAILURES }),
    silentEnsembles(db),
  ]);
  const newest = new Map(summaries.map(({ subject, newest_ts }) => [subject, millisOf(newest_ts)]));
  const rounds: RoundFacts = {
    lastMs: msOf(counted.last),
    rounds: counted.rounds,
    skipped: counted.skipped,
    answered: counted.answered,
    failed: counted.failed,
    absent: counted.absent,
    scored: counted.scored,
    overdue: hasScores ? counted.overdue : 0,
    nextDueMs: hasScores ? msOf(counted.next_due) : null,
    lastScoredMs: msOf(counted.last_scored),
  };
  return {
    feeds: subjects.map((subject) => ({ subject, newestMs: newest.get(subject) ?? null })),
    models: states.map(({ failure_reason, ...state }) => ({ ...state, reason: failure_reason })),
    rounds,
    failures,
    silent,
  };
}

const msOf = (instant: Instant | null): number | null => (instant === null ? null : millisOf(instant));

/** The requests of a dashboard and of a subscriber. */
async function askApi(
  url: string,
  key: string | undefined,
  ensembles: readonly string[],
): Promise<readonly Answered[]> {
  const paths = [
    '/readyz',
    '/reports/leaderboard',
    ...ensembles.map((name) => `/signals/ensemble/${encodeURIComponent(name)}`),
  ];
  return Promise.all(
    paths.map(async (path) => {
      try {
        const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
          signal: AbortSignal.timeout(API_MS),
          headers: key === undefined ? {} : { 'x-api-key': key },
        });
        const body = (await response.json().catch(() => null)) as unknown;
        return { path, status: response.status, detail: summaryOf(body) };
      } catch (error) {
        const { cause, message } = error as Error;
        return { path, status: null, detail: cause instanceof Error ? cause.message : message };
      }
    }),
  );
}

function summaryOf(body: unknown): string {
  if (Array.isArray(body)) return `${body.length} rows`;
  if (typeof body !== 'object' || body === null) return 'answers';
  const { detail, status, performed_at } = body as { detail?: unknown; status?: unknown; performed_at?: unknown };
  return String(detail ?? status ?? (performed_at === undefined ? 'answers' : `newest of ${performed_at}`));
}
