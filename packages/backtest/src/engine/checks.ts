import type { FeedRecord } from '@crunch-node/domain';
import type { Instant, Prediction, RoundPredicted } from '@crunch-node/streams';
import { type AskedModels, type BacktestRun, CHUNK, runBacktest } from './run.ts';

type RunSettings = Pick<Parameters<typeof runBacktest>[0], 'config' | 'configHash' | 'signal'>;

export interface CheckOptions<M extends AskedModels> extends RunSettings {
  readonly run: BacktestRun;
  /** of the models that ran, as they had them; fresh instances see the history in order */
  readonly copies?: AskedModels['copies'];
  /** new instances of the models to check */
  fresh(): Promise<M>;
  close(models: M): Promise<void>;
}

/** A model whose predictions depended on more than its inputs so far. */
export interface Finding {
  readonly model_id: string;
  readonly kind: 'looks ahead' | 'not deterministic' | 'not stateless';
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
  copies = new Map(),
  fresh,
  close,
  ...settings
}: CheckOptions<M>): Promise<readonly Finding[]> {
  // Of a model with copies, what it answered after the first stretch has to be among them.
  const fewest = copies.size === 0 ? 0 : 2 * CHUNK;
  const count = Math.min(run.records.length, Math.max(fewest, Math.min(MOST_RECORDS, run.records.length * SHARE)));
  const beginning = run.records.slice(0, Math.ceil(count));
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
      else if (!isSame(one, prediction)) {
        findings.set(model_id, { ...about, kind: copies.has(model_id) ? 'not stateless' : 'looks ahead' });
      }
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
export function findingText({ model_id, kind, performed_at, scope_key }: Finding): string {
  const about = `${scope_key} at ${performed_at}`;
  switch (kind) {
    case 'looks ahead':
      return `${model_id} looks ahead: with the history cut off it answered ${about} differently`;
    case 'not deterministic':
      return `${model_id} is not deterministic: asked again it answered ${about} differently`;
    case 'not stateless':
      return `${model_id} declares to be stateless, but with the history in order it answered ${about} differently: it keeps more than the latest updates (take the declaration out, or use --jobs 1), or looks ahead`;
  }
}
