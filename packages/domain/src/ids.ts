/** Record ids of the API. In the log they are fields; events are identified by the ids of the wire format. */
import type { FeedKey, Instant } from '@crunch-node/streams';

/** Every character that is no letter, digit, `-` or `_` becomes `_`. */
export const safeKey = (scopeKey: string): string => scopeKey.replaceAll(/[^\p{L}\p{N}_-]/gu, '_');

/** `YYYYmmdd_HHMMSS` */
export const secondsStamp = (at: Instant): string =>
  `${at.slice(0, 4)}${at.slice(5, 7)}${at.slice(8, 10)}_${at.slice(11, 13)}${at.slice(14, 16)}${at.slice(17, 19)}`;

/** `YYYYmmdd_HHMMSS.mmm`; microseconds are cut off */
export const millisStamp = (at: Instant): string => `${secondsStamp(at)}.${at.slice(20, 23)}`;

/** `YYYYmmdd_HHMMSS_ffffff` */
export const microsStamp = (at: Instant): string => `${secondsStamp(at)}_${at.slice(20, 26)}`;

/** `PRE_` id of a model's prediction. */
export const predictionId = (modelId: string, scopeKey: string, performedAt: Instant): string =>
  `PRE_${modelId}_${safeKey(scopeKey)}_${millisStamp(performedAt)}`;

/** `ABS_` id: the model returned no prediction. */
export const absentPredictionId = (modelId: string, scopeKey: string, performedAt: Instant): string =>
  `ABS_${modelId}_${safeKey(scopeKey)}_${millisStamp(performedAt)}`;

const MILLIS_STAMP = /_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})\.(\d{3})$/;

/** When a prediction with this id was performed, without its microseconds; null when no id of ours ends so. */
export function momentOfPredictionId(id: string): Instant | null {
  const match = MILLIS_STAMP.exec(id);
  if (match === null) return null;
  const [, year, month, day, hours, minutes, seconds, millis] = match;
  const at = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${millis}000Z`;
  return Number.isNaN(Date.parse(at)) ? null : at;
}

export const scoreId = (predictionIdText: string): string => `SCR_${predictionIdText}`;

/** The feed key is part of it, since records of several subjects become complete at the same time. */
export const inputId = (feed: FeedKey, at: Instant): string =>
  `INP_${[feed.source, feed.subject, feed.kind, feed.granularity].map(safeKey).join('_')}_${millisStamp(at)}`;

export const snapshotId = (modelId: string, cycleEnd: Instant): string => `SNAP_${modelId}_${secondsStamp(cycleEnd)}`;
export const leaderboardId = (cycleEnd: Instant): string => `LBR_${millisStamp(cycleEnd)}`;
export const checkpointId = (periodEnd: Instant): string => `CKP_${secondsStamp(periodEnd)}`;
export const cycleId = (cycleEnd: Instant): string => `CYC_${microsStamp(cycleEnd)}`;
