import type { FeedRecord } from '@crunch-node/domain';
import { instantOfMillis } from '@crunch-node/streams';
import { mergeRecords } from '../../merge.ts';
import type { FeedRequest, FeedSink } from '../../provider.ts';
import { type AttemptMeans, Delivery, persist, type Times, Waker } from '../../rows/index.ts';
import { recordsOf } from './records.ts';
import { endOfLines, type FoundFile } from './scan.ts';

export interface FilesMeans extends AttemptMeans {
  readonly request: FeedRequest;
  readonly sink: FeedSink;
  readonly source: string;
  readonly times: Times;
  readonly pollMs: number;
  readonly settleMs: number | undefined;
  scan(): Promise<readonly FoundFile[]>;
  /** what is in the files by now is the past, which others read */
  marked(): void;
}

/** How far a file has been read. */
interface Read {
  readonly inode: number;
  readonly version: string;
  /** bytes, of one that grows */
  readonly end: number;
}

const EVERY = 500;

/** New files and new lines of old ones, every few seconds. */
export async function followFiles(means: FilesMeans): Promise<void> {
  const { clock, signal, scan, pollMs, settleMs, reports, request, sink, marked } = means;
  const waker = new Waker();
  const read = new Map<string, Read>();
  const deliveries = new Map(
    request.subjects.map((subject) => [subject, new Delivery({ subject, startMs: 0, sink, clock, reports })]),
  );
  await persist(means, 'looking for files', async () => {
    for (const found of await scan()) read.set(found.file, await readTo(found));
  });
  marked();
  for (;;) {
    await waker.sleep(pollMs, clock, signal);
    const beganMs = clock.nowMs();
    await persist(means, 'looking for files', async () => {
      const changed = (await scan()).filter(({ file, version }) => read.get(file)?.version !== version);
      const now = await Promise.all(changed.map(readTo));
      const older = await takeAll(changed, read, deliveries, means);
      changed.forEach(({ file }, i) => {
        read.set(file, now[i]!);
      });
      if (older > 0) reports.notice('records older than those before them are left out', { records: older });
    });
    if (settleMs === undefined) continue;
    for (const subject of request.subjects) sink.confirmed(subject, instantOfMillis(Math.floor(beganMs - settleMs)));
  }
}

const readTo = async ({ file, inode, version, grows, size }: FoundFile): Promise<Read> => ({
  inode,
  version,
  end: grows ? await endOfLines(file, size) : size,
});

/** How many were older than what had been said before the files changed. */
async function takeAll(
  changed: readonly FoundFile[],
  read: ReadonlyMap<string, Read>,
  deliveries: ReadonlyMap<string, Delivery>,
  { sink, source, times, reports, signal }: FilesMeans,
): Promise<number> {
  const from = new Map([...deliveries].map(([subject, { cursorMs }]) => [subject, cursorMs]));
  const parts: AsyncIterable<FeedRecord>[] = changed.flatMap((found) => {
    const before = read.get(found.file);
    const isTheSame = before?.inode === found.inode && before.end <= found.size;
    const start = found.grows && isTheSame ? before.end : 0;
    return found.keys.map((key) => recordsOf(found, key, source, reports, times, start));
  });
  let [count, older] = [0, 0];
  for await (const record of mergeRecords(parts)) {
    const { subject, ts_event } = record;
    if (count++ % EVERY === 0) {
      signal.throwIfAborted();
      await sink.room?.(subject, signal);
    }
    if (ts_event < (from.get(subject) ?? 0)) older++;
    else deliveries.get(subject)?.give(record, true);
  }
  return older;
}
