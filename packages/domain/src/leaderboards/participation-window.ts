import type { Aggregation } from './aggregation.ts';

const WITHOUT_WINDOWS = 24;

/** Hours that decide whether a model takes part in the ranking: the ranking window's, else the longest window's. */
export const participationHours = ({ windows, ranking_key }: Aggregation): number =>
  windows.find(({ name }) => name === ranking_key)?.hours ??
  (windows.length === 0 ? WITHOUT_WINDOWS : Math.max(...windows.map(({ hours }) => hours)));
