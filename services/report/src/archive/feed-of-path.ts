import type { openFeedArchive } from '@crunch-node/archive';
import { isArchiveName } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { HttpFault } from '../plugins/http/errors.ts';
import type { Slots } from '../plugins/http/slots.ts';

/** What routes of the archive work with. */
export interface ArchiveContext {
  readonly archive: ReturnType<typeof openFeedArchive>;
  readonly slots: Slots;
  /** maximum rows of a response */
  readonly rowLimit: number;
}

/** The parts of a path that name a feed. */
export const feedOfPath = {
  source: Type.String(),
  subject: Type.String(),
  kind: Type.String(),
  granularity: Type.String(),
};

/** @throws {HttpFault} 404 also for what could not be a feed */
export async function existingFeed({ archive }: ArchiveContext, feed: FeedKey): Promise<FeedKey> {
  const isOne = Object.values(feed).every(isArchiveName) && (await archive.holds(feed));
  if (!isOne) throw new HttpFault(404, 'there is no such feed in the archive');
  return feed;
}
