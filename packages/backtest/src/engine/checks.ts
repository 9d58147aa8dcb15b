import type { FeedRecord } from '@crunch-node/domain';
import type { Instant, Prediction, RoundPredicted } from '@crunch-node/streams';
import { type AskedModels, type BacktestRun, runBacktest } from './run.ts';

type RunSettings = Pick<Parameters<typeof runBacktest>[0], 'config' | 'configHash' | 'signal'>;

export interface CheckOptions<M extends AskedModels> extends RunSettings {
  readonly run: BacktestRun;
  /** new instances of the models to check */
  fresh(): Promise<M>;
  close(models: M): Promise<void>;
}

/** A model whose predictions depended on more than its inputs so far. */
export interface Finding {
  readonly model_id: string;
  readonly kind: 'looks ahead' | 'not deterministic';
  readonly performed_at: Instant;
  readonly scope_key: string;
}

/** Records that are repeated in a check; most faults appear early. */
const MOST_RECORDS = 600;
const SHARE = 0.25;

/**
 * Runs fresh instances twice over the beginning of the history, which ends there for them. Two that differ are not
 * deterministic; two that agree with each other but not with the run used later data there.
 */
export async function checkModels<M extends AskedModels>({
  run,
  fresh,
  close,
  ...settings
}: CheckOptions<M>): Promise<readonly Finding[]> {
  const count = Math.min(MOST_RECORDS, Math.ceil(run.records.length * SHARE));
  const beginning = run.records.slice(0, count);
  if (beginning.length === 0) return [];
  const again: ReadonlyMap<string, Prediction>[] = [];
  for (let i = 0; i < 2; i++) {
    const models = await fresh();
    try {
      const records = recordsOf(beginning);
      const { predicted } = await runBacktest({ ...settings, models, records });
      again.push(answersOf(predicted));
    } finally {
      await close(models);
    }
  }
  const [first, second] = again as [ReadonlyMap<string, Prediction>, ReadonlyMap<string, Prediction>];
  const findings = new Map<string, Finding>();
  for (const { data } of run.predicted) {
    for (const prediction of data.predictions) {
      const { model_id, prediction_id } = prediction;
      const [one, other] = [first.get(prediction_id), second.get(prediction_id)];
      if (one === undefined || other === undefined || findings.has(model_id)) continue;
      const about = { model_id, performed_at: data.performed_at, scope_key: data.scope_key };
      if (!isSame(one, other)) findings.set(model_id, { ...about, kind: 'not deterministic' });
      else if (!isSame(one, prediction)) findings.set(model_id, { ...about, kind: 'looks ahead' });
    }
  }
  return [...findings.values()];
}

async function* recordsOf(events: BacktestRun['records']): AsyncIterable<FeedRecord> {
  for (const { at, data } of events) yield { ...data, at };
}

/** Without late predictions: a time-out is no evidence. */
const answersOf = (predicted: readonly RoundPredicted[]): ReadonlyMap<string, Prediction> =>
  new Map(
    predicted.flatMap(({ data }) =>
      data.predictions
        .filter(({ runner_status }) => runner_status !== 'TIMEOUT')
        .map((prediction) => [prediction.prediction_id, prediction] as const),
    ),
  );

const isSame = (a: Prediction, b: Prediction): boolean =>
  a.runner_status === 'TIMEOUT' || b.runner_status === 'TIMEOUT' || JSON.stringify(a) === JSON.stringify(b);

/** For a person. */
export const findingText = ({ model_id, kind, performed_at, scope_key }: Finding): string =>
  kind === 'looks ahead'
    ? `${model_id} looks ahead: with the history cut off it answered ${scope_key} at ${performed_at} differently`
    : `${model_id} is not deterministic: asked again it answered ${scope_key} at ${performed_at} differently`;
