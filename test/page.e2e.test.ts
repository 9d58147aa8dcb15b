import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { accessible, fits, opener, shots } from './support/browser-page.ts';
import { CROWD, HOSTILE } from './support/crowd.ts';
import { testEveryState } from './support/page-every-state.ts';
import { LETTER, openScenes, type Scenes } from './support/page-scenes.ts';
import { enterKey, testWithKey } from './support/page-with-key.ts';

const FIRST_VIEW_BYTES = 300_000;

const browser = await launchBrowser();

describe('the web page', { skip: browser === null ? 'there is no Chromium' : false }, () => {
  let scenes: Scenes;
  const faults: string[] = [];
  before(async () => {
    await mkdir(shots, { recursive: true });
    scenes = await openScenes();
  });
  after(async () => {
    await browser?.close();
    await scenes?.stop();
  });

  const open = opener(browser as Browser, faults);

  it('shows who leads, since when, and how old that is', async () => {
    const page = await open(`${scenes.full.url}/`);
    const leader = page.locator('.leader', { hasText: 'since' });
    await leader.waitFor();
    assert.match((await leader.textContent()) ?? '', / leads by Score Recent, with .*since 2024-01-01 \d\d:\d\d UTC/);
    await page
      .getByText(/as of 2024-01-01 00:\d\d UTC · received/)
      .first()
      .waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('.sparkline').first().waitFor();
    await accessible(page, 'leaderboard');
    await page.screenshot({ path: join(shots, 'leaderboard.png') });
    await page.close();
  });

  it('loads little before the first view', async () => {
    const page = await (browser as Browser).newPage();
    const bodies: Promise<number>[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname === '/' || pathname.startsWith('/ui/'))
        bodies.push(
          response
            .request()
            .sizes()
            .then(({ responseBodySize }) => responseBodySize),
        );
    });
    await page.goto(`${scenes.full.url}/`);
    await page.locator('.leader').waitFor();
    const bytes = (await Promise.all(bodies)).reduce((sum, size) => sum + size, 0);
    assert.ok(bytes > 10_000 && bytes < FIRST_VIEW_BYTES, `${bytes} bytes`);
    await page.close();
  });

  it('is what a browser gets at /, and JSON is what a client of the API gets', async () => {
    const get = (accept: string) => fetch(`${scenes.full.url}/`, { headers: { accept } });
    const page = await get('text/html,application/xhtml+xml,*/*;q=0.8');
    assert.equal(page.status, 200);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    assert.doesNotMatch(await page.text(), /<script(?![^>]*src=)|style=|onclick/);
    const json = await get('application/json');
    assert.deepEqual([json.status, ((await json.json()) as { detail: string }).detail], [404, 'Not Found']);
    const missing = await fetch(`${scenes.full.url}/ui/assets/none.js`);
    assert.deepEqual([missing.status, await missing.json()], [404, { detail: 'Not Found', message: 'Not Found' }]);
  });

  it('ranks by another metric, and shows the board as it was', async () => {
    const page = await open(`${scenes.full.url}/`);
    await page.locator('.leader').waitFor();
    await page.getByLabel('Rank by').selectOption('hit_rate');
    await page.getByText(/leads by Hit Rate/).waitFor();
    const slider = page.getByRole('slider', { name: 'Time machine' });
    await slider.focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: 'The ranking as it was' }).waitFor();
    await page.getByText(/led by Hit Rate/).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('heading', { name: 'Ranking', exact: true }).waitFor();
    await page.close();
  });

  it('compares models', async () => {
    const page = await open(`${scenes.full.url}/`);
    const boxes = page.getByRole('checkbox', { name: /^Compare/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('heading', { name: /Comparing 2 models/ }).waitFor();
    await page.locator('.uplot canvas').first().waitFor();
    await page.getByRole('heading', { name: 'Head to head' }).waitFor();
    await page.locator('.compare tbody tr').first().waitFor();
    await accessible(page, 'comparison');
    await page.close();
  });

  it('shows a model: curves, why a score is what it is, neighbours, health, rewards', async () => {
    const page = await open(`${scenes.full.url}/#/model/2`);
    await page.locator('.uplot canvas').first().waitFor();
    await page.getByRole('button', { name: 'Show as a table' }).first().click();
    await page.locator('figure.chart tbody tr').first().waitFor();
    await accessible(page, 'scores of a model');
    await page.getByRole('tab', { name: 'Predictions' }).click();
    await page.getByRole('button', { name: 'Why?' }).last().click();
    await page.getByText(/It was scored at the closing of the cycle/).waitFor();
    await page.getByRole('heading', { name: 'So it was scored' }).waitFor();
    await accessible(page, 'an explained score');
    await page.screenshot({ path: join(shots, 'explanation.png') });
    await page.getByRole('tab', { name: 'Diversity' }).click();
    await page.getByRole('heading', { name: 'Guidance', exact: true }).waitFor();
    await page.getByRole('region', { name: 'Nearest models' }).locator('tbody tr').first().waitFor();
    await page.getByRole('tab', { name: 'Health' }).click();
    await page.getByText('Latency, p95').waitFor();
    await page.getByRole('tab', { name: 'Rewards' }).click();
    await page.getByText('CKP_20240101_002000').waitFor();
    await accessible(page, 'rewards of a model');
    await page.close();
  });

  it('shows what comes in, what is due and what is paid', async () => {
    const page = await open(`${scenes.full.url}/#/competition`, { isPhone: true });
    await page.getByText(/Newest records of/).waitFor();
    await fits(page, 'feeds');
    await accessible(page, 'feeds');
    await page.getByRole('tab', { name: 'Rounds' }).click();
    await page.getByText('By the time between the last rounds').waitFor();
    await page.getByRole('tab', { name: 'Archive' }).click();
    await page.getByText('Nothing was ordered yet').waitFor();
    await fits(page, 'archive');
    await page.getByRole('tab', { name: 'Checkpoints' }).click();
    await page.getByRole('button', { name: 'Emission' }).first().click();
    await page.getByLabel(/Hash of the transaction/).fill('0xabc');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('cell', { name: 'submitted', exact: true }).waitFor();
    await accessible(page, 'checkpoints');
    await page.close();
  });

  it('recomputes the evidence of a snapshot, and sees what was changed', async () => {
    const page = await open(`${scenes.full.url}/#/competition`);
    await page.getByRole('tab', { name: 'Verify' }).click();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The evidence holds, from the content').waitFor();
    assert.equal(await page.locator('.verified > li').count(), 4);
    await accessible(page, 'verified evidence');
    await page.screenshot({ path: join(shots, 'evidence.png') });
    await page.route('**/reports/merkle/proof*', async (route) => {
      const response = await route.fetch();
      const proof = (await response.json()) as { path: unknown[] };
      await route.fulfill({ response, json: { ...proof, path: proof.path.slice(1) } });
    });
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The evidence does not hold').waitFor();
    await page.close();
  });

  it('shows ensembles, their members, and how to subscribe', async () => {
    const page = await open(`${scenes.full.url}/#/signals`);
    await page.getByRole('region', { name: 'Newest signals' }).locator('tbody tr').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('meter').first().waitFor();
    for (const text of [
      "sub 'signals.ensemble.main.*'",
      'new EventSource',
      'import json, requests',
      "curl -N 'http://",
    ])
      assert.ok((await page.locator('pre', { hasText: text }).count()) > 0, text);
    await accessible(page, 'signals');
    await page.close();
  });

  testWithKey(open, () => scenes);

  it('shows operators what is late, with the key, and settles a dead letter', async () => {
    const page = await open(`${scenes.locked.url}/#/operations`);
    await page.getByText('This needs an API key').first().waitFor();
    await enterKey(page);
    await page.locator('.pipeline li').nth(6).waitFor();
    await page.getByRole('region', { name: 'Owners of partitions' }).waitFor();
    await accessible(page, 'operations');
    await page.screenshot({ path: join(shots, 'operations.png') });
    await page.getByRole('row', { name: LETTER }).getByRole('button', { name: 'Settle' }).click();
    await page.getByRole('button', { name: 'Redrive corrected' }).click();
    await page
      .getByRole('alert')
      .getByText(/expected a message of FEEDS/)
      .waitFor();
    await page.getByLabel('Why it is not needed').fill('a test');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Every message could be read, or is settled').waitFor();
    await page.close();
  });

  it('has guides that can be searched', async () => {
    const page = await open(`${scenes.full.url}/docs/`);
    await page.getByRole('heading', { name: 'Documentation' }).waitFor();
    await page.getByRole('button', { name: /Search/ }).click();
    await page.getByPlaceholder('Search').fill('dead letters');
    await page.locator('.result').first().click();
    await page.waitForURL(/\/docs\/.+\.html/);
    await page.close();
  });

  it('shows an empty competition in sentences', async () => {
    const page = await open(`${scenes.empty.url}/`);
    await page.getByText('Nothing is ranked yet').waitFor();
    await accessible(page, 'empty leaderboard');
    for (const [path, text] of [
      ['competition', 'No record has come in yet'],
      ['signals', 'No ensemble has signalled'],
      ['model/none', 'No model with this id'],
      ['operations', 'no connection to the pipeline'],
    ]) {
      await page.goto(`${scenes.empty.url}/#/${path}`);
      await page
        .getByText(text ?? '')
        .first()
        .waitFor();
    }
    await page.close();
  });

  it('shows a thousand models with any name as text, and filters them at once', async () => {
    const page = await open(`${scenes.crowded.url}/`, { isPhone: true });
    await page.getByText(`${CROWD.toLocaleString('en')} models`).waitFor();
    await fits(page, 'leaderboard with hostile names');
    for (const name of HOSTILE.filter((each) => each.trim() !== ''))
      await page.getByRole('link', { name, exact: true }).first().waitFor();
    assert.notEqual(await page.title(), 'run');
    assert.ok((await page.locator('.board tbody tr').count()) < 100, 'only rows in sight are drawn');
    await page.getByLabel('Find a model').fill('model 777');
    await page.getByText('1 of 1,000 models').waitFor();
    await accessible(page, 'leaderboard with hostile names');
    await page.close();
  });

  testEveryState(open, () => scenes);

  it('is whole on a telephone, and in the dark', async () => {
    const page = await open(`${scenes.full.url}/`, { isPhone: true, colorScheme: 'dark' });
    await page.locator('.sparkline').first().waitFor();
    await fits(page, 'leaderboard');
    await accessible(page, 'leaderboard in the dark');
    await page.screenshot({ path: join(shots, 'leaderboard-telephone.png') });
    await page.close();
  });

  it('runs nothing inline, asks no other host, and fails nowhere', () => assert.deepEqual(faults, []));
});
