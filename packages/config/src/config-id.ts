import { createHash } from 'node:crypto';
import type { CrunchConfig, ScheduledPrediction } from '@crunch-node/domain';
import { canonicalText } from './canonical-text.ts';

/** A scope key as it appears in ids: every character that is no letter, digit, `-` or `_` becomes `_`. */
export const safeKey = (scopeKey: string): string => scopeKey.replaceAll(/[^\p{L}\p{N}_-]/gu, '_');

/**
 * Id of a scheduled prediction, `CFG_<safe scope key>_<8 hex>`: a function of what it says, so that an edited entry is
 * another configuration and old predictions keep referring to the old one. Whether it is active and its place in the
 * order do not change what it means.
 */
export function configIdOf(entry: ScheduledPrediction): string {
  const { active: _active, order: _order, ...meaning } = entry;
  const digest = createHash('sha256').update(canonicalText(meaning)).digest('hex');
  return `CFG_${safeKey(entry.scope_key)}_${digest.slice(0, 8)}`;
}

export interface ScheduledConfig {
  readonly config_id: string;
  readonly entry: ScheduledPrediction;
}

/** Every entry with its id, in the order they are asked: by `order`, then by place in the list. */
export const scheduledConfigs = (config: Pick<CrunchConfig, 'scheduled_predictions'>): readonly ScheduledConfig[] =>
  config.scheduled_predictions
    .map((entry) => ({ config_id: configIdOf(entry), entry }))
    .sort((a, b) => a.entry.order - b.entry.order);
