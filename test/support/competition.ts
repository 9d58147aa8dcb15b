/** Real scores of a real competition, as rounds that were scored: many models, many ties, lower is better. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { predictionId, scoreId } from '@crunch-node/domain';
import { type Cycle, instantOfMillis, millisOf, type Outcome, RoundScored, roundId } from '@crunch-node/streams';

export interface ScoreRow {
  readonly at: number;
  readonly asset: string;
  readonly model_id: string;
  readonly value: number;
}

export function readScores(file: string): ScoreRow[] {
  const [header, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  if (header !== 'ts_event_ms,asset,model_id,prompt_score') throw new TypeError(`expected scores, received ${header}`);
  return lines.map((line) => {
    const [at, asset = '', model_id = '', value] = line.split(',');
    return { at: Number(at), asset, model_id, value: Number(value) };
  });
}

const HOUR = 3_600_000;
const PARTITIONS = 4;

/** Cycles of an hour from the first row to some hours after the last, each with its rows. */
export function cyclesOf(rows: readonly ScoreRow[], hoursAfter: number): { cycle: Cycle; rows: ScoreRow[] }[] {
  const hourOf = (at: number): number => Math.floor(at / HOUR);
  const first = Math.min(...rows.map(({ at }) => hourOf(at)));
  const last = Math.max(...rows.map(({ at }) => hourOf(at))) + hoursAfter;
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const hour = first + i;
    const start = i === 0 ? null : instantOfMillis(hour * HOUR);
    return {
      cycle: { start, end: instantOfMillis((hour + 1) * HOUR), config_hash: 'h' },
      rows: rows.filter(({ at }) => hourOf(at) === hour),
    };
  });
}

/**
 * One round for each moment, asset and partition, in the order of the rows. The data hold no forecasts: a score takes
 * the place of a model's answer, and the hour of the day that of the ground truth.
 */
export function roundsOf(rows: readonly ScoreRow[]): RoundScored[] {
  const rounds = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const key = [row.at, row.asset, partitionOf(row)].join();
    rounds.set(key, [...(rounds.get(key) ?? []), row]);
  }
  return [...rounds.values()].map(roundOf);
}

const partitionOf = ({ model_id }: ScoreRow): number => Number(model_id) % PARTITIONS;

function roundOf(rows: readonly ScoreRow[]): RoundScored {
  const [{ asset, at } = { asset: '', at: 0 }] = rows;
  const performed_at = instantOfMillis(at);
  const partition = partitionOf(rows[0]!);
  const actual_return = (Math.floor(at / HOUR) % 24) - 11.5;
  return RoundScored.at(performed_at, {
    round_id: roundId(partition, asset, performed_at),
    partition,
    scope_key: asset,
    scope: { subject: asset },
    performed_at,
    resolvable_at: performed_at,
    input_id: `INP_${at}`,
    ground_truth: { actual_return },
    ground_truth_records: null,
    outcomes: rows.map((row): Outcome => {
      const prediction_id = predictionId(row.model_id, asset, performed_at);
      return {
        score_id: scoreId(prediction_id),
        prediction_id,
        model_id: row.model_id,
        outcome: 'scored',
        result: { value: row.value, success: true, failed_reason: null },
        success: true,
        failed_reason: null,
        inference_output: { value: row.value },
      };
    }),
  });
}

export interface PlainEntry {
  readonly model_id: string;
  /** end of its first cycle, in milliseconds */
  readonly first_seen: number;
  /** mean of its scores in the window; null without one */
  readonly value: number | null;
}

/**
 * The ranking by the plain definition, from the rows alone: a cycle's scores count while the last of them lies in the
 * window.
 */
export function plainValues(rows: readonly ScoreRow[], end: string, hours: number): Map<string, PlainEntry> {
  const until = millisOf(end);
  const byModelAndHour = new Map<string, Map<number, ScoreRow[]>>();
  for (const row of rows) {
    const hour = Math.floor(row.at / HOUR);
    if ((hour + 1) * HOUR > until) continue;
    const cycles = byModelAndHour.get(row.model_id) ?? new Map<number, ScoreRow[]>();
    byModelAndHour.set(row.model_id, cycles);
    cycles.set(hour, [...(cycles.get(hour) ?? []), row]);
  }
  return new Map(
    [...byModelAndHour].map(([model_id, cycles]) => {
      const counted = [...cycles.values()]
        .filter((inCycle) => Math.max(...inCycle.map(({ at }) => at)) > until - hours * HOUR)
        .flat();
      const value = counted.length === 0 ? null : counted.reduce((sum, row) => sum + row.value, 0) / counted.length;
      return [model_id, { model_id, first_seen: (Math.min(...cycles.keys()) + 1) * HOUR, value }];
    }),
  );
}
