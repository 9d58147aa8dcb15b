import {
  type CrunchConfig,
  called,
  copyOf,
  type FeedRecord,
  messageOf,
  modelFacingSubject,
  type RecordWork,
} from '@crunch-node/domain';
import { type Normaliser, normaliserFor } from '@crunch-node/feeds/normalisers';
import { type EncodedCall, encodeCall } from '@crunch-node/models';
import type { FeedRecorded, Instant, Json, JsonObject } from '@crunch-node/streams';

/** The input models are sent for a record, or why there is none. */
export type Shown =
  | { readonly call: EncodedCall; readonly input: JsonObject; readonly fault: null }
  | { readonly call: null; readonly input: JsonObject; readonly fault: string };

/** Encoded inputs of the newest records: partitions of one process show their models the same. */
const ENCODED_INPUTS = 64;

/** Encodes a record's window as input of models, once. */
export function inputsOf(config: CrunchConfig, encode: typeof encodeCall = encodeCall): (work: RecordWork) => Shown {
  const normalise: Normaliser = normaliserFor(config.feed_normalizer, config.feed.kind);
  const further = config.feed_update_args ?? [];
  const encoded = new Map<string, Shown>();

  /** The operator's hook may throw: that fails the rounds of this record only, with the reason. */
  function shownOf(plain: JsonObject, at: Instant): Shown {
    const hook = config.pre_feed_update_hook;
    try {
      const input = hook === null ? plain : called(() => hook(copyOf(plain), at));
      return { call: encode(config.feed_update_method, [input, ...further].map(json)), input, fault: null };
    } catch (error) {
      return { call: null, input: plain, fault: `pre_feed_update_hook: ${messageOf(error)}` };
    }
  }

  return ({ record, window }) => {
    const known = encoded.get(record.id);
    if (known) return known;
    const subject = modelFacingSubject(config, record.data.subject);
    const made = shownOf(normalise(subject, window.map(recordOf)), record.at);
    encoded.set(record.id, made);
    if (encoded.size > ENCODED_INPUTS) encoded.delete(encoded.keys().next().value as string);
    return made;
  };
}

const json = (value: Json) => ({ type: 'JSON', value }) as const;

/** Kept with the event: a record is in the windows of many others. */
const records = new WeakMap<FeedRecorded, FeedRecord>();

function recordOf(event: FeedRecorded): FeedRecord {
  let record = records.get(event);
  if (record === undefined) {
    record = { ...event.data, at: event.at };
    records.set(event, record);
  }
  return record;
}
