import path from 'node:path';
import type { FeedKey } from '@crunch-node/streams';
import { isGranularity } from '../../granularity.ts';

export type FileFormat = 'csv' | 'parquet';

/** What a path says about the feed inside; absent is what it does not say. */
export type NamedKey = { readonly [dimension in keyof FeedKey]?: string };

/** Null for files that are no feed data. */
export function formatOf(file: string): FileFormat | null {
  const name = path.basename(file).toLowerCase();
  if (name.endsWith('.csv') || name.endsWith('.csv.gz')) return 'csv';
  return name.endsWith('.parquet') ? 'parquet' : null;
}

/**
 * Two ways to name a file: `binance_spot_btcusdt_1m_202401.csv.gz` (source, market, subject, granularity or `trades`,
 * period), and the archive's `binance/BTCUSDT/candle/1m/2024-01-01.parquet`.
 */
export function keyFromName(file: string): NamedKey {
  const folders = path.resolve(file).split(path.sep).slice(-5, -1);
  const [source, subject, kind, granularity] = folders;
  if (kind !== undefined && /^(candle|tick|depth|funding)$/.test(kind))
    return { source, subject, kind, granularity } as NamedKey;

  const words = path
    .basename(file)
    .replace(/\.(csv|csv\.gz|parquet)$/i, '')
    .split('_');
  const at = words.findIndex((word) => isGranularity(word) || word === 'trades');
  if (at < 2) return {};
  const feed = words[at]!;
  return {
    source: words[0]!.toLowerCase(),
    subject: words[at - 1]!.toUpperCase(),
    ...(feed === 'trades' ? { kind: 'tick', granularity: 'tick' } : { kind: 'candle', granularity: feed }),
  };
}
