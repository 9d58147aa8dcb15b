/** Rank's state about the members of ensembles, and the weights it decides from that. */
import { addSeconds, EnsembleWeighted, type Instant, type RankedEntry, type SnapshotTaken } from '@crunch-node/streams';
import type { CrunchConfig } from '../crunch-config.ts';
import { canonicalJson } from '../merkle/canonical-json.ts';
import { sha256Hex } from '../merkle/hash.ts';
import { fitWeights } from '../sizes/fit-ranking.ts';
import { combinedFields } from './combined-fields.ts';
import { enabledEnsembles } from './ensemble-config.ts';
import { addMoments, forgetMoments, type MomentHistory, mergedMoments, momentsOfAnswer } from './moments.ts';
import type { EnsembleMember } from './strategies.ts';
import { weigh } from './weigh.ts';

/** Field of the predictions → its moments over the ranking window. */
type PredictionHistories = Readonly<Record<string, MomentHistory>>;

export function addPredictions(
  histories: PredictionHistories,
  { data: { predictions, period_end } }: SnapshotTaken,
  hours: number,
): PredictionHistories {
  if (predictions === undefined) return histories;
  const added = Object.entries(predictions).map(([field, moments]) => {
    const known = Object.hasOwn(histories, field) ? histories[field]! : [];
    return [field, addMoments(known, period_end, moments, hours)] as const;
  });
  return { ...histories, ...Object.fromEntries(added) };
}

export function forgetPredictions(histories: PredictionHistories, end: Instant, hours: number): PredictionHistories {
  const until = addSeconds(end, -3_600 * hours);
  const kept = Object.entries(histories).map(([field, known]) => [field, forgetMoments(known, until, hours)] as const);
  return kept.every(([field, history]) => history === histories[field]) ? histories : Object.fromEntries(kept);
}

/**
 * Weights of every enabled ensemble, published where they differ from those published before. Members are the models that have a
 * scored prediction in the ranking window, best first; before there is any, nothing is decided.
 */
export function weighEnsembles(
  rules: Pick<CrunchConfig, 'aggregation'> & Partial<Pick<CrunchConfig, 'ensembles' | 'max_event_bytes'>>,
  models: readonly { readonly model_id: string; readonly predictions: PredictionHistories }[],
  ranking: readonly RankedEntry[],
  publishedHashes: Readonly<Record<string, string>>,
  end: Instant,
): { readonly weighted: readonly EnsembleWeighted[]; readonly weights_hashes: Readonly<Record<string, string>> } {
  const ensembles = ranking.length === 0 ? [] : enabledEnsembles(rules);
  const histories = new Map(models.map(({ model_id, predictions }) => [model_id, predictions]));
  const weighted: EnsembleWeighted[] = [];
  const hashes: [string, string][] = [];
  for (const ensemble of ensembles) {
    const { name } = ensemble;
    const fields = combinedFields(ensemble);
    const members = ranking.flatMap((entry) => {
      const known = histories.get(entry.model_id) ?? {};
      return memberOf(
        entry,
        fields.map((field) => (Object.hasOwn(known, field) ? known[field]! : [])),
      );
    });
    const weighed = weigh(ensemble, members, rules.aggregation);
    const hash = sha256Hex(canonicalJson({ ...weighed }));
    hashes.push([name, hash]);
    const differs = !Object.hasOwn(publishedHashes, name) || publishedHashes[name] !== hash;
    if (differs) weighted.push(fitWeights(EnsembleWeighted.at(end, { name, cycle_end: end, ...weighed }), rules));
  }
  return { weighted, weights_hashes: Object.fromEntries(hashes) };
}

function memberOf({ model_id, score }: RankedEntry, histories: readonly MomentHistory[]): EnsembleMember[] {
  const predictions = momentsOfAnswer(histories.map(mergedMoments));
  if (predictions === null) return [];
  const metrics = Object.entries(score.metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  return [{ model_id, predictions, metrics: Object.fromEntries(metrics) }];
}
