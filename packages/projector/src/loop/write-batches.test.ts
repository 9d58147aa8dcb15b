import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Batch, EventLog, Malformed, Recorded } from '@crunch-node/eventlog';
import { drawn, draws } from '@crunch-node/stages/testing';
import type { Position } from '../position/position.ts';
import { drawsTable } from '../testing/draws-table.ts';
import { ApplyFailed } from './projection-loop-faults.ts';
import type { RowProjection } from './row-projection.ts';
import { type WriteBatch, writeBatches } from './write-batches.ts';

type Rows = readonly { readonly n: number }[];

const start: Position = {
  projection: 'draws',
  version: 1,
  partition: 'all',
  stream: draws.name,
  created: '',
  sequence: 0,
  message_id: '',
  closings: {},
};
const log = { messageId: async (_: unknown, sequence: number) => `id of ${sequence}` } as Partial<EventLog> as EventLog;

/** Numbers drawn at sequences from 1 on, in batches. */
async function* arriving(batches: readonly (readonly number[])[], bytes = 1): AsyncGenerator<Batch> {
  let sequence = 0;
  let pending = batches.flat().length;
  for (const numbers of batches) {
    pending -= numbers.length;
    const events = numbers.map((n): Recorded => {
      const event = drawn(0, 1, n);
      return { event, obs: undefined, sequence: ++sequence, natsSubject: 'draws.0.a', bytes };
    });
    const lastMessageId = events.at(-1)?.event.id ?? '';
    yield { events, malformed: [], unknown: 0, skipped: [], lastSequence: sequence, lastMessageId, pending };
  }
}

const gathering = (events: number): RowProjection<Rows> => ({
  ...(drawsTable() as RowProjection<Rows>),
  gathers: {
    events,
    begin() {
      const rows: { n: number }[] = [];
      return { add: (more) => void rows.push(...more), rows: () => rows };
    },
  },
});

async function stretchesOf(
  projection: RowProjection<Rows>,
  batches: AsyncIterable<Batch>,
  upTo = Number.POSITIVE_INFINITY,
) {
  const aside: Malformed[] = [];
  const seen: WriteBatch<Rows>[] = [];
  let fault: unknown;
  const putAside = async (malformed: readonly Malformed[]) => void aside.push(...malformed);
  try {
    for await (const stretch of writeBatches(projection, batches, start, { log, upTo, putAside })) seen.push(stretch);
  } catch (error) {
    fault = error;
  }
  return { seen, fault, aside, numbers: seen.map(({ rows }) => rows.map(({ n }) => n)) };
}

describe('the rows written at once', () => {
  it('are a batch, for a projection that does not gather', async () => {
    const { numbers } = await stretchesOf(drawsTable() as RowProjection<Rows>, arriving([[1, 2], [3]]));
    assert.deepEqual(numbers, [[1, 2], [3]]);
  });

  it('are gathered as long as more events are known to follow', async () => {
    const { numbers, seen } = await stretchesOf(gathering(3), arriving([[1, 2], [3, 4], [5], [6]]));
    assert.deepEqual(numbers, [
      [1, 2, 3, 4],
      [5, 6],
    ]);
    assert.deepEqual(
      seen.map(({ to, events, pending }) => [to.sequence, to.message_id, events, pending]),
      [
        [4, drawn(0, 1, 4).id, 4, 2],
        [6, drawn(0, 1, 6).id, 2, 0],
      ],
    );
  });

  it('are written when they became large, however few events', async () => {
    const { numbers } = await stretchesOf(gathering(100), arriving([[1], [2], [3], [4], [5]], 3 * 1024 * 1024));
    assert.deepEqual(numbers, [
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('end at the given sequence', async () => {
    const { seen, numbers } = await stretchesOf(gathering(100), arriving([[1], [2, 3, 4], [5]]), 3);
    assert.deepEqual(numbers[0], [1, 2, 3]);
    assert.deepEqual([seen[0]?.to.sequence, seen[0]?.to.message_id], [3, 'id of 3']);
  });

  it('end before an event that cannot be applied, with all before it', async () => {
    for (const batches of [
      [[1, 2, 13, 4], [5]],
      [[1, 2], [13, 4], [5]],
      [[1], [2, 13]],
    ]) {
      const { seen, numbers, fault } = await stretchesOf(gathering(100), arriving(batches));
      assert.deepEqual(numbers, [[1, 2]]);
      assert.deepEqual([seen[0]?.to.sequence, seen[0]?.to.message_id], [2, drawn(0, 1, 2).id]);
      assert.ok(fault instanceof ApplyFailed);
      assert.equal(fault.sequence, 3);
    }
    const { seen, fault } = await stretchesOf(gathering(100), arriving([[13, 1]]));
    assert.deepEqual(seen, []);
    assert.ok(fault instanceof ApplyFailed);
  });

  it('omit messages moved to DEADLETTERS', async () => {
    const malformed: Malformed = {
      sequence: 1,
      natsSubject: '',
      headers: {},
      payload: new Uint8Array(),
      reason: 'bad',
    };
    async function* batches(): AsyncGenerator<Batch> {
      for await (const batch of arriving([[1, 2]])) yield { ...batch, malformed: [malformed] };
    }
    const { aside, seen } = await stretchesOf(gathering(100), batches());
    assert.deepEqual(aside, [malformed]);
    assert.deepEqual([seen[0]?.events, seen[0]?.malformed], [2, 1]);
  });
});
