import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PredictionEvent, PredictionsCycleClosed, RoundSkipped, roundId } from '@crunch-node/streams';
import fc from 'fast-check';
import { cycleTo, minute, predicted } from '../testing/given-events.ts';
import { type GatheredRound, Gathering } from './gathering.ts';

const closed = (partition: number, end: number, start: number | null = end - 1) =>
  PredictionsCycleClosed.at(minute(end), { ...cycleTo(end, start), partition });
const asked = (partition: number, at: number, scope = 'BTC') =>
  predicted({ at, partition, scope, answers: { [`m${partition}`]: at } });
const skipped = (partition: number, at: number, scope_key = 'BTC') =>
  RoundSkipped.at(minute(at), {
    round_id: roundId(partition, scope_key, minute(at)),
    partition,
    scope_key,
    performed_at: minute(at),
    config_id: null,
    reason: 'too old',
  });

const gather = (partitions: number, events: readonly PredictionEvent[]): GatheredRound[] => {
  const gathering = new Gathering(partitions);
  return events.flatMap((event) => gathering.take(event));
};
const shown = (rounds: readonly GatheredRound[]) =>
  rounds.map(({ scope_key, performed_at, predictions: parts, weights_by }) => [
    scope_key,
    performed_at,
    parts.map(({ data }) => data.partition),
    weights_by,
  ]);

describe('gathering rounds', () => {
  it('waits for every partition', () => {
    const gathering = new Gathering(3);
    assert.deepEqual(gathering.take(asked(2, 1)), []);
    assert.deepEqual(gathering.take(asked(0, 1)), []);
    assert.deepEqual(shown(gathering.take(asked(1, 1))), [['BTC', minute(1), [0, 1, 2], null]]);
  });

  it('completes a round without partitions that skipped it or closed the cycle before', () => {
    assert.deepEqual(shown(gather(2, [asked(0, 1), skipped(1, 1)])), [['BTC', minute(1), [0], null]]);
    assert.deepEqual(shown(gather(2, [closed(1, 1, null), asked(0, 1)])), [['BTC', minute(1), [0], null]]);
    assert.deepEqual(shown(gather(2, [asked(0, 1, 'b'), asked(0, 1, 'a'), closed(1, 1, null)])), [
      ['a', minute(1), [0], null],
      ['b', minute(1), [0], null],
    ]);
    assert.deepEqual(gather(2, [skipped(0, 1), skipped(1, 1)]), []);
  });

  it('names the cycle before the previous one, whose weights are in force', () => {
    const events = [1, 2, 3, 4].flatMap((end) => [asked(0, end), closed(0, end, end === 1 ? null : end - 1)]);
    assert.deepEqual(
      gather(1, events).map(({ weights_by }) => weights_by),
      [null, null, minute(1), minute(2)],
    );
  });

  it('ignores rounds of cycles that their writer had already closed', () => {
    assert.deepEqual(gather(1, [closed(0, 2, null), asked(0, 1), asked(0, 2)]), []);
    assert.equal(gather(1, [closed(0, 2, null), closed(0, 2, null), asked(0, 3)]).length, 1);
  });

  it('gives the same rounds in whatever order the partitions are in the log', () => {
    const partitions = [0, 1, 2];
    const streams = partitions.map((partition) =>
      [1, 2, 3, 4, 5, 6].flatMap((end): PredictionEvent[] => [
        ...(partition === 1 && end === 3 ? [] : [partition === 2 && end === 4 ? skipped(2, 4) : asked(partition, end)]),
        ...(end % 2 === 0 ? [asked(partition, end, 'ETH')] : []),
        closed(partition, end, end === 1 ? null : end - 1),
      ]),
    );
    const inOrder = (rounds: readonly GatheredRound[]) =>
      shown(rounds)
        .map((round) => JSON.stringify(round))
        .sort();
    const expected = inOrder(gather(3, streams.flat()));
    assert.equal(expected.length, 9);
    const turns = streams.flatMap((events, partition) => events.map(() => partition));
    fc.assert(
      fc.property(fc.shuffledSubarray(turns, { minLength: turns.length }), (order) => {
        const rest = streams.map((events) => [...events]);
        const rounds = gather(
          3,
          order.map((partition) => rest[partition]!.shift()!),
        );
        assert.deepEqual(inOrder(rounds), expected);
        // Within a scope rounds are in order of time, whichever partition was ahead.
        const times = rounds.filter(({ scope_key }) => scope_key === 'BTC').map(({ performed_at }) => performed_at);
        assert.deepEqual(times, [...times].sort());
      }),
    );
  });
});
