import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defineCrunch, demoPack } from '@crunch-node/config';
import { tempDir } from '@crunch-node/embedded';
import { keepToOneHistory } from './feed-of-folder.ts';

const seeded = (seed: string, days: string) =>
  defineCrunch({ ...demoPack, feed: { ...demoPack.feed, options: { seed, days } } });

it('refuses another history in the same folder, and accepts more of the same', async () => {
  const folder = await tempDir();
  await keepToOneHistory(folder.path, seeded('a', '1'));
  await keepToOneHistory(folder.path, seeded('a', '2'));
  await assert.rejects(
    keepToOneHistory(folder.path, seeded('b', '1')),
    /was made from .*"seed":"a".*another --data-dir/,
  );
  await folder.remove();
});
