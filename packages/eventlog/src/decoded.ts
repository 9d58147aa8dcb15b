import { type Decoded, decodeEvent, type StreamDefinition } from '@crunch-node/streams';

/** Messages per stream: readers of one process are seldom further apart while they keep up. */
const KEPT = 1_024;
/** Larger messages are decoded again instead of being kept. */
const LARGEST_BYTES = 64 * 1024;

interface Kept {
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly decoded: Decoded;
}

/**
 * What was decoded last of each stream: several readers of a process read the same messages. They share the event, which is
 * never changed.
 */
export class DecodedMessages {
  readonly #kept = new Map<StreamDefinition, Kept[]>();

  /** The same bytes at the same place of a stream are the same message, also of a stream that was created again. */
  decode(stream: StreamDefinition, sequence: number, payload: Uint8Array): Decoded {
    let kept = this.#kept.get(stream);
    if (kept === undefined) {
      kept = [];
      this.#kept.set(stream, kept);
    }
    const place = sequence % KEPT;
    const known = kept[place];
    if (known?.sequence === sequence && Buffer.compare(known.payload, payload) === 0) return known.decoded;
    const decoded = decodeEvent(stream, payload);
    if (payload.length <= LARGEST_BYTES) kept[place] = { sequence, payload, decoded };
    return decoded;
  }
}
