import { createHash } from 'node:crypto';
import { type CrunchConfig, canonicalJson, type ScheduledPrediction, safeKey } from '@crunch-node/domain';

/**
 * Id of a scheduled prediction, `CFG_<safe scope key>_<8 hex>`: a function of its content, so that an edited entry is
 * another configuration and old predictions keep referring to the old one. Whether it is active and its place in the
 * order are no part of the id.
 */
export function configIdOf(entry: ScheduledPrediction): string {
  const { active: _active, order: _order, ...meaning } = entry;
  const digest = createHash('sha256').update(canonicalJson(meaning)).digest('hex');
  return `CFG_${safeKey(entry.scope_key)}_${digest.slice(0, 8)}`;
}

export interface ScheduledConfig {
  readonly config_id: string;
  readonly entry: ScheduledPrediction;
}

/** Every entry with its id, in the order their rounds are planned: by `order`, then by place in the list. */
export const scheduledConfigs = (config: Pick<CrunchConfig, 'scheduled_predictions'>): readonly ScheduledConfig[] =>
  config.scheduled_predictions
    .map((entry) => ({ config_id: configIdOf(entry), entry }))
    .sort((a, b) => a.entry.order - b.entry.order);
