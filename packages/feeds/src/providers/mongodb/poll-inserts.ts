import { type EpochUnit, unitOf } from '@crunch-node/domain';
import { instantOfMillis, millisOf } from '@crunch-node/streams';
import type { Collection, Document } from 'mongodb';
import {
  type FollowContext,
  followPages,
  MAX_TIES,
  type PageFollower,
  persist,
  type Times,
  valueAt,
  Waker,
} from '../../rows/index.ts';
import type { Connection } from './connection.ts';
import { documentRow, idText, subjectOf } from './document.ts';
import type { CollectionSettings } from './settings.ts';
import { storedValue } from './stored-times.ts';

const BATCH = 100;
const MAX_BATCH = 10_000;

export interface PollInsertsContext extends FollowContext {
  readonly settings: CollectionSettings;
  readonly connection: Connection;
  readonly times: Times;
}

/** How far polling has come: everything inserted before `at`, and at it the documents of `ids`. */
interface PollPosition {
  /** of the field's own type: a date, or a number in its unit */
  at: Date | number | null;
  ids: Set<string>;
  /** when a candle that was inserted while it grew has closed, and is to be read again */
  fillAtMs: number;
}

/** Documents in the order of their `inserted_at_field`, every few seconds. */
export async function pollInserts(context: PollInsertsContext): Promise<void> {
  const { clock, signal, settings, connection, request, sink, settleMs } = context;
  const follower = followPages(context);
  const waker = new Waker();
  const position: PollPosition = { at: null, ids: new Set(), fillAtMs: Number.POSITIVE_INFINITY };
  for (;;) {
    const beganMs = clock.nowMs();
    await persist(context, 'a poll', () =>
      connection.use(async (collection) => {
        if (position.at === null) {
          await begin(collection, position, context);
          // In the order of their times once, since what is read again by when it was inserted may be in another.
          await follower.fill();
        }
        await takeAll(collection, position, follower, context);
        if (clock.nowMs() >= position.fillAtMs) {
          await follower.fill();
          position.fillAtMs = Number.POSITIVE_INFINITY;
        }
      }, signal),
    );
    if (settleMs !== undefined) {
      for (const subject of request.subjects) sink.confirmed(subject, instantOfMillis(Math.floor(beganMs - settleMs)));
    }
    await waker.sleep(settings.pollMs, clock, signal);
  }
}

/** From the look-back on, in the type the newest document has. Without a document nothing is to be read yet. */
async function begin(collection: Collection, position: PollPosition, context: PollInsertsContext): Promise<void> {
  const { settings, reports, clock, lookbackMs } = context;
  const { insertedAtField, insertedAtPath } = settings;
  const newest = await collection.findOne({}, { sort: { _id: -1 } });
  if (newest === null) return;
  const sample = valueAt(newest, insertedAtPath);
  const form = formOf(sample);
  if (form === null) {
    reports.notice(`documents without ${insertedAtField} are not seen; set inserted_at_field`, {
      received: sample === undefined ? 'nothing' : typeof sample === 'number' ? sample : typeof sample,
    });
    return;
  }
  const startMs = settings.lookbackMs === null ? 0 : clock.nowMs() - Math.max(lookbackMs ?? 0, OVERLAP_MS);
  position.at = storedValue(form, startMs);
}

/** Of a date or a number, which are compared with their like in a query. */
function formOf(sample: unknown): 'date' | EpochUnit | null {
  if (sample instanceof Date) return 'date';
  return typeof sample === 'number' ? unitOf(sample) : null;
}

/** What was inserted just before listening began may not have been seen by who fetched the past. */
const OVERLAP_MS = 5 * 60_000;

async function takeAll(
  collection: Collection,
  position: PollPosition,
  follower: PageFollower,
  context: PollInsertsContext,
): Promise<void> {
  const { settings, request, reports } = context;
  const { insertedAtField, insertedAtPath, subjectField } = settings;
  let size = BATCH;
  let isPastTies = false;
  while (position.at !== null) {
    const documents = await collection
      .find({
        [subjectField]: { $in: [...request.subjects] },
        [insertedAtField]: { [isPastTies ? '$gt' : '$gte']: position.at },
      })
      .sort({ [insertedAtField]: 1, _id: 1 })
      .limit(size)
      .toArray();
    isPastTies = false;
    for (const document of documents) await take(document, follower, context, position);
    const last = documents.at(-1);
    if (last === undefined) return;
    const reached = valueAt(last, insertedAtPath) as Date | number;
    const hasMoved = Number(reached) > Number(position.at);
    const atLast = documents.filter((document) => Number(valueAt(document, insertedAtPath)) === Number(reached));
    const ids = new Set(atLast.map(({ _id }) => idText(_id)));
    position.ids = hasMoved ? ids : new Set([...position.ids, ...ids]);
    position.at = reached;
    if (documents.length < size) return;
    if (hasMoved) size = BATCH;
    else if (size > MAX_TIES) {
      reports.notice('more documents share one inserted_at than can be read', { documents: size });
      isPastTies = true;
      size = BATCH;
    } else size = Math.min(size * 2, size >= MAX_BATCH ? MAX_TIES + 1 : MAX_BATCH);
  }
}

async function take(document: Document, follower: PageFollower, context: PollInsertsContext, position: PollPosition) {
  const { settings, request, times, sink, reports, signal } = context;
  const subject = subjectOf(document, settings);
  const delivery = subject === null ? undefined : follower.deliveries.get(subject);
  if (subject === null || delivery === undefined || position.ids.has(idText(document._id))) return;
  await sink.room?.(subject, signal);
  const key = { source: 'mongodb', subject, kind: request.kind, granularity: request.granularity };
  const { record } = documentRow(key, document, settings, times, reports);
  if (record !== null && delivery.give(record) === 'open') {
    position.fillAtMs = Math.min(position.fillAtMs, millisOf(record.at) + 1);
  }
}
