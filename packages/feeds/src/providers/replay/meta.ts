import type { FeedRecord } from '@crunch-node/domain';
import type { Json } from '@crunch-node/streams';
import { jsonFaultIn, jsonOf } from '../../json/index.ts';
import { plainJson } from '../../rows/plain-json.ts';
import { plainText } from '../../shown.ts';
import type { Fault } from '../../validate-record.ts';

/**
 * A record with what our archive keeps of it in addition to the columns: further values, the ordinal as `trade_id`, and
 * the record's metadata as `_record_meta`. The value of a column takes precedence.
 */
export function withMeta(record: FeedRecord, text: string | undefined): FeedRecord | Fault {
  if (text === undefined || text.trim() === '') return record;
  const meta = jsonOf(text);
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta) || jsonFaultIn(meta) !== null) {
    return { reason: 'unreadable', detail: `expected meta to be a JSON object, received ${text.slice(0, 60)}` };
  }
  const { trade_id, _record_meta, ...others } = (plainJson(meta) ?? {}) as Record<string, Json>;
  const hasMetadata = typeof _record_meta === 'object' && _record_meta !== null && !Array.isArray(_record_meta);
  const isCandle = record.kind === 'candle';
  return {
    ...record,
    ...(!isCandle && trade_id !== undefined && record.ordinal === undefined && { ordinal: plainText(trade_id) }),
    values: { ...others, ...(isCandle && trade_id !== undefined && { trade_id }), ...record.values },
    ...(hasMetadata && { metadata: _record_meta as NonNullable<FeedRecord['metadata']> }),
  };
}
