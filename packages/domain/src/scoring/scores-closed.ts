import { type Cycle, type RoundScored, ScoresCycleClosed } from '@crunch-node/streams';
import { sha256Hex } from '../merkle/hash.ts';

/** The closing of a cycle of SCORES: how many rounds were finished in it, and a hash of which, in their order. */
export const scoresClosed = (
  { start, end, config_hash }: Cycle,
  partition: ScoresCycleClosed['data']['partition'],
  scored: readonly RoundScored[],
): ScoresCycleClosed =>
  ScoresCycleClosed.at(end, {
    start,
    end,
    config_hash,
    partition,
    rounds: scored.length,
    rounds_hash: sha256Hex(scored.map(({ data }) => data.round_id).join('\n')),
  });
