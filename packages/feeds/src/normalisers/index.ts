import type { FeedRecord } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { candleInput } from './candle.ts';
import { candleFromTickInput } from './candle-from-tick.ts';
import { tickInput } from './tick.ts';

/** Turns the window of one feed into what models are sent. `symbol` is the name models see; records ascend. */
export type Normaliser = (symbol: string, records: readonly FeedRecord[]) => JsonObject;

const normalisers: Readonly<Record<string, { readonly kinds: readonly string[]; readonly normalise: Normaliser }>> = {
  candle: { kinds: ['candle'], normalise: candleInput },
  candle_from_tick: { kinds: ['tick'], normalise: candleFromTickInput },
  tick: { kinds: ['tick'], normalise: tickInput },
};

export class UnknownNormaliser extends CrunchError {
  override readonly name = 'UnknownNormaliser';
  override readonly code = 'unknown_normaliser';
  readonly normaliser: string;
  constructor(normaliser: string) {
    super(
      `expected feed_normalizer to be ${Object.keys(normalisers).join(', ')}, received ${JSON.stringify(normaliser)}`,
    );
    this.normaliser = normaliser;
  }
}

export class UnfitFeedKind extends CrunchError {
  override readonly name = 'UnfitFeedKind';
  override readonly code = 'unfit_feed_kind';
  readonly normaliser: string;
  readonly kind: string;
  constructor(normaliser: string, kind: string, kinds: readonly string[]) {
    super(
      `the normaliser ${normaliser} turns ${kinds.join(' and ')} records into model input, the feed's kind is ` +
        `${JSON.stringify(kind)}: models would see nothing. Change feed_normalizer (FEED_NORMALIZER), of which there are ${Object.keys(normalisers).join(', ')}, or the kind`,
    );
    this.normaliser = normaliser;
    this.kind = kind;
  }
}

/**
 * @param kind of the feed; given, it must be one the normaliser reads
 * @throws {UnknownNormaliser} listing the known ones
 * @throws {UnfitFeedKind}
 */
export function normaliserFor(name: string, kind?: string): Normaliser {
  const found = Object.hasOwn(normalisers, name) ? normalisers[name] : undefined;
  if (found === undefined) throw new UnknownNormaliser(name);
  if (kind !== undefined && !found.kinds.includes(kind)) throw new UnfitFeedKind(name, kind, found.kinds);
  return found.normalise;
}
