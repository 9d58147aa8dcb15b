/** Every page in every state: with data, with a thousand of everything, while the API is away, at every width. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { accessible, fitsEveryWidth, type Opener } from './browser-page.ts';
import { HOSTILE } from './crowd.ts';
import { LONG, ODD_ID, TAG } from './crowd-everywhere.ts';
import type { Scenes } from './page-scenes.ts';

interface Place {
  readonly name: string;
  /** behind the address of the API */
  readonly path: string;
  /** the tab chosen there */
  readonly tab?: string;
  /** there once it shows its data */
  readonly selector: string;
}

const PLACES: readonly Place[] = [
  { name: 'leaderboard', path: '/#/', selector: '.board tbody tr' },
  { name: 'scores of a model', path: '/#/model/2', selector: '.uplot canvas' },
  { name: 'predictions of a model', path: '/#/model/2', tab: 'Predictions', selector: 'tbody tr' },
  { name: 'diversity of a model', path: '/#/model/2', tab: 'Diversity', selector: 'tbody tr' },
  { name: 'health of a model', path: '/#/model/2', tab: 'Health', selector: 'dl' },
  { name: 'rewards of a model', path: '/#/model/2', tab: 'Rewards', selector: 'tbody tr' },
  { name: 'feeds', path: '/#/competition', selector: 'tbody tr' },
  { name: 'rounds', path: '/#/competition', tab: 'Rounds', selector: 'tbody tr' },
  { name: 'checkpoints', path: '/#/competition', tab: 'Checkpoints', selector: 'tbody tr' },
  { name: 'verify', path: '/#/competition', tab: 'Verify', selector: 'select' },
  { name: 'archive', path: '/#/competition', tab: 'Archive', selector: 'select' },
  { name: 'signals', path: '/#/signals', selector: 'tbody tr' },
  { name: 'operations', path: '/#/operations', selector: '.pipeline li' },
  { name: 'documentation', path: '/docs/', selector: 'h1' },
];
/** One of each page, for what takes time. */
const PAGES = PLACES.filter(({ tab }) => tab === undefined);

async function goTo(page: Page, url: string, { path, tab, selector }: Place): Promise<void> {
  await page.goto(`${url}${path}`);
  if (tab !== undefined) await page.getByRole('tab', { name: tab }).click();
  await page.locator(`main ${selector}`).first().waitFor();
}

export function testEveryState(open: Opener, scenes: () => Scenes): void {
  it('fits every width, on every page', async () => {
    const page = await open(`${scenes().full.url}/`);
    await page.locator('.board .sparkline').first().waitFor();
    const [columns = 0, board = 0] = (await page.evaluate(
      '(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector(".board"))',
    )) as number[];
    assert.ok(columns <= board, `the columns of the leaderboard are ${columns} wide in ${board}`);
    for (const place of PLACES) {
      await goTo(page, scenes().full.url, place);
      await fitsEveryWidth(page, place.name);
    }
    await page.close();
  });

  const crowded: readonly (Place & { readonly text: string; readonly act?: (page: Page) => Promise<void> })[] = [
    ...HOSTILE.map((name, i) => ({
      name: `model ${i + 1}`,
      path: `/#/model/${i + 1}`,
      selector: 'h1',
      text: name.trim() === '' ? `${i + 1}` : name,
    })),
    {
      name: 'model with an odd id',
      path: `/#/model/${encodeURIComponent(ODD_ID)}`,
      selector: '.panel',
      text: `model ${ODD_ID}`,
    },
    { name: 'predictions', path: '/#/model/2', tab: 'Predictions', selector: 'tbody tr', text: LONG },
    { name: 'health', path: '/#/model/1', tab: 'Health', selector: 'dl', text: TAG },
    { name: 'feeds', path: '/#/competition', selector: 'tbody tr', text: 'Show all 1,000 feeds' },
    { name: 'rounds', path: '/#/competition', tab: 'Rounds', selector: 'tbody tr', text: LONG },
    {
      name: 'checkpoints',
      path: '/#/competition',
      tab: 'Checkpoints',
      selector: 'tbody tr',
      text: 'Show all 1,000 models',
      act: (page) => page.getByRole('button', { name: 'Emission' }).click(),
    },
    { name: 'verify', path: '/#/competition', tab: 'Verify', selector: 'select', text: 'Verify a snapshot' },
    { name: 'archive', path: '/#/competition', tab: 'Archive', selector: 'select', text: 'Nothing was ordered yet' },
    { name: 'signals', path: '/#/signals', selector: 'meter', text: 'Show all 1,000 members' },
    { name: 'operations', path: '/#/operations', selector: '.pipeline li', text: 'Show all 1,000 letters' },
  ];

  it('shows a thousand of everything, whatever it is called, as text and at once', async () => {
    const { url } = scenes().crowded;
    const page = await open(`${url}/`);
    for (const place of crowded) {
      await goTo(page, url, place);
      await place.act?.(page);
      await page.getByText(place.text).first().waitFor();
      assert.notEqual(await page.title(), 'run', place.name);
      const rows = await page.locator('tbody tr').count();
      assert.ok(rows < 400, `${place.name} has ${rows} rows`);
      await fitsEveryWidth(page, `${place.name} of many`);
      if (!/^model [2-9]/.test(place.name)) await accessible(page, `${place.name} of many`);
    }
    await page.close();
  });

  it('finds nothing in the documentation for a hostile search, and shows it as text', async () => {
    const page = await open(`${scenes().full.url}/docs/`);
    await page.getByRole('button', { name: /Search/ }).click();
    await page.getByPlaceholder('Search').fill('<zzqqxj onzzqqxj=xjqqzz>');
    await page.getByText('No results for').waitFor();
    assert.notEqual(await page.title(), 'run');
    await fitsEveryWidth(page, 'a search');
    await page.keyboard.press('Escape');
    await accessible(page, 'documentation');
    await page.close();
  });

  it('keeps every page while the API is away, and each comes back by itself', async () => {
    const away = await scenes().again(0);
    const pages = await Promise.all(
      PAGES.map(async (place) => {
        const page = await open(`${away.url}${place.path}`, { hasClock: true });
        await page.locator(`main ${place.selector}`).first().waitFor();
        return { page, ...place };
      }),
    );
    await away.stop();
    const live = pages.filter(({ path }) => path.startsWith('/#'));
    /** Time goes by until the page shows it. */
    const until = async (page: Page, isThere: () => Promise<boolean>, what: string): Promise<void> => {
      for (let tries = 0; !(await isThere()); tries++) {
        assert.ok(tries < 200, what);
        await page.clock.fastForward(16_000);
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      }
    };
    for (const { page, name, selector } of live) {
      const fault = page.getByText('What is shown is the last that was received').first();
      await until(page, () => fault.isVisible(), `${name} shows that the API is away`);
      assert.ok(await page.locator(`main ${selector}`).first().isVisible(), `${name} keeps what it has`);
      await accessible(page, `${name} without the API`);
    }
    const back = await scenes().again(Number(new URL(away.url).port));
    for (const { page, name, selector } of live) {
      const faults = page.locator('.fault, .live.away');
      await until(page, async () => (await faults.count()) === 0, `${name} comes back`);
      assert.ok(await page.locator(`main ${selector}`).first().isVisible(), name);
    }
    for (const { page, path } of pages.filter(({ path }) => !path.startsWith('/#'))) {
      await page.goto(`${back.url}${path}`);
      await page.locator('main h1').waitFor();
    }
    await Promise.all(pages.map(({ page }) => page.close()));
    await back.stop();
  });
}
