import path from 'node:path';
import type { FeedKey } from '@crunch-node/streams';
import { isGranularity } from '../../granularity.ts';

export type FileFormat = 'csv' | 'parquet';

/** The parts of a feed key that a path contains; the others are absent. */
export type NamedKey = { readonly [dimension in keyof FeedKey]?: string };

/** Null for files that are no feed data. A zip file is feed data when its name gives a feed. */
export function formatOf(file: string): FileFormat | null {
  const name = path.basename(file).toLowerCase();
  if (/\.csv(\.gz|\.zip)?$/.test(name)) return 'csv';
  if (name.endsWith('.zip')) return keyFromName(file).kind === undefined ? null : 'csv';
  return name.endsWith('.parquet') ? 'parquet' : null;
}

/** `BTCUSDT-1m-2024-01`, `BTCUSDT-trades-2024-01-01`, `BTCUSD_PERP-aggTrades-2024-01` */
const PUBLISHED = /^([a-z0-9_]+)-(?:(\d+(?:s|m|h|d|w|mo))|(?:agg)?trades)-\d{4}-\d\d(?:-\d\d)?$/i;
const MARKETS: Readonly<Record<string, string>> = { um: 'binance_usdm', cm: 'binance_coinm' };

/**
 * Three ways to name a file: `binance_spot_btcusdt_1m_202401.csv.gz` (source, market, subject, granularity or `trades`,
 * period), the archive's `binance/BTCUSDT/candle/1m/2024-01-01.parquet`, and Binance's own `BTCUSDT-1m-2024-01.zip`, of
 * which the folders `futures/um` and `futures/cm` give the market.
 */
export function keyFromName(file: string): NamedKey {
  const folders = path.resolve(file).split(path.sep).slice(-5, -1);
  const [source, subject, kind, granularity] = folders;
  if (kind !== undefined && /^(candle|tick|depth|funding)$/.test(kind))
    return { source, subject, kind, granularity } as NamedKey;

  const name = path.basename(file).replace(/\.(csv|csv\.gz|csv\.zip|zip|parquet)$/i, '');
  const published = PUBLISHED.exec(name);
  if (published !== null) {
    const [, symbol = '', interval] = published;
    const market = /[\\/]futures[\\/](um|cm)[\\/]/i.exec(path.resolve(file))?.[1]?.toLowerCase();
    return {
      source: MARKETS[market ?? ''] ?? 'binance',
      subject: symbol.toUpperCase(),
      ...(interval === undefined ? { kind: 'tick', granularity: 'tick' } : { kind: 'candle', granularity: interval }),
    };
  }
  const words = name.split('_');
  const at = words.findIndex((word) => isGranularity(word) || word === 'trades');
  if (at < 2) return {};
  const feed = words[at]!;
  return {
    source: words[0]!.toLowerCase(),
    subject: words[at - 1]!.toUpperCase(),
    ...(feed === 'trades' ? { kind: 'tick', granularity: 'tick' } : { kind: 'candle', granularity: feed }),
  };
}
