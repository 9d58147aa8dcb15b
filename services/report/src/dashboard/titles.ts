import { metricDocuments } from '@crunch-node/domain';

/** Of trading, where the competition computes it itself. */
const NET_PNL = { net_pnl: 'Net PnL' } as const;

/** Titles of metrics as people know them. */
export const metricName = (metric: string): string => titleOf(metric) ?? titled(metric);

/** `score_recent` → `Score Recent` */
export const titled = (name: string): string =>
  name
    .split('_')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');

function titleOf(metric: string): string | undefined {
  if (Object.hasOwn(NET_PNL, metric)) return NET_PNL.net_pnl;
  return Object.hasOwn(metricDocuments, metric) ? metricDocuments[metric]?.title : undefined;
}
