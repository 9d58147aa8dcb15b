/** What operators change through the page, with their key. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeEvent, FeedRecorded, type Instant } from '@crunch-node/streams';
import type { Page } from 'playwright-core';
import type { Opener } from './browser-page.ts';
import { CORRECTED, KEY, type Scenes } from './page-scenes.ts';

export async function enterKey(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Key…' }).click();
  await page.getByLabel('API key').fill(KEY);
  await page.keyboard.press('Enter');
}

const AT = '2024-01-01T00:10:00.000000Z' as Instant;
const FEED = { source: 'synthetic', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
/** A record the run does not have, as a message of FEEDS. */
const recordOf = (second: number): string => {
  const ts_event = Date.parse(AT) - second * 1_000;
  const data = { ...FEED, ts_event, values: { open: 1, high: 1, low: 1, close: 1, volume: 1 }, metadata: {} };
  return Buffer.from(encodeEvent(FeedRecorded.at(AT, data))).toString();
};

export function testWithKey(open: Opener, scenes: () => Scenes): void {
  const withKey = async (path: string): Promise<Page> => {
    const page = await open(`${scenes().locked.url}/${path}`);
    await enterKey(page);
    return page;
  };

  it('takes a checkpoint to its last status, with the key', async () => {
    const page = await withKey('#/competition');
    await page.getByRole('tab', { name: 'Checkpoints' }).click();
    await page.getByRole('button', { name: 'Emission' }).first().click();
    await page.getByRole('button', { name: 'Set to claimable' }).click();
    await page.getByRole('cell', { name: 'claimable', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Set to paid' }).click();
    await page.getByRole('cell', { name: 'paid', exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: /^(Confirm|Set to)/ }).count(), 0, 'nothing follows');
    await page.close();
  });

  it('starts a backfill, shows how far it is, cancels it, and takes it up again, with the key', async () => {
    const { past } = scenes();
    const page = await withKey('#/competition');
    await page.getByRole('tab', { name: 'Archive' }).click();
    await page.getByLabel('From (UTC)').fill('soon');
    await page.getByRole('button', { name: 'Fetch into the archive' }).click();
    await page
      .getByRole('alert')
      .getByText(/start: expected .*received "soon"/)
      .waitFor();
    await page.getByLabel('From (UTC)').fill('2023-12-28');
    await page.getByLabel('To (UTC)').fill('2023-12-30');
    await page.getByRole('button', { name: 'Fetch into the archive' }).click();
    const job = page.getByRole('region', { name: 'Backfill jobs' }).locator('tbody tr');
    await job.getByText(/^(pending|running)/).waitFor();
    await job.getByText('0 %', { exact: true }).waitFor();
    past.release(3);
    await job.getByText('50 %', { exact: true }).waitFor();
    await job.getByRole('cell', { name: '1,440', exact: true }).waitFor();
    await job.getByRole('button', { name: 'Cancel' }).click();
    await job.getByText(/^cancelled/).waitFor();
    await job.getByRole('button', { name: 'Take up again' }).click();
    past.release(20);
    await job.getByText(/^completed/).waitFor();
    await job.getByText('100 %', { exact: true }).waitFor();
    await page.getByText('2,881 records from 2023-12-28 00:00 to').waitFor();
    await page.getByRole('link', { name: /BTCUSDT\/candle\/1m\/2023-12-29/ }).waitFor();
    assert.equal(await job.getByRole('button').count(), 0);
    await page.close();
  });

  it('redrives a corrected dead letter, by the page and by the API', async () => {
    const [byPage, byApi] = CORRECTED;
    const page = await withKey('#/operations');
    const row = page.getByRole('row', { name: byPage });
    await row.getByRole('button', { name: 'Settle' }).click();
    await page.getByLabel('Corrected message').fill(recordOf(1));
    await page.getByRole('button', { name: 'Redrive corrected' }).click();
    await row.first().waitFor({ state: 'detached' });
    const redrive = (payload: string) =>
      fetch(`${scenes().locked.url}/operations/dead-letters/${encodeURIComponent(byApi)}/redrive`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'X-API-Key': KEY },
        body: JSON.stringify({ payload }),
      });
    const answer = await redrive(recordOf(2));
    const settled = (await answer.json()) as { state: string; settled_by: string | null; redrive: string | null };
    assert.deepEqual([answer.status, settled.state, settled.redrive], [200, 'redriven', null], JSON.stringify(settled));
    assert.equal((await redrive(recordOf(2))).status, 409, 'a letter is settled once');
    await page.getByText('With settled ones').click();
    for (const id of CORRECTED) await page.getByRole('row', { name: `${id} redriven` }).waitFor();
    await page.getByText('redriven by').waitFor();
    await page.close();
  });
}
