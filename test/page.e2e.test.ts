import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { CROWD, HOSTILE, openScenes, type Scenes } from './support/page-scenes.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const axeSource = createRequire(join(root, 'packages/web/package.json')).resolve('axe-core/axe.min.js');
const shots = join(root, '.cache', 'screenshots');
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

  /** @param options `isPhone`: as wide as one */
  async function open(url: string, { isPhone = false, colorScheme = 'light' as 'light' | 'dark' } = {}): Promise<Page> {
    const viewport = isPhone ? { width: 390, height: 844 } : { width: 1280, height: 860 };
    const page = await (browser as Browser).newPage({ viewport, colorScheme });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(`${url}: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`${url}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) faults.push(`${url} requests ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }

  async function accessible(page: Page, name: string): Promise<void> {
    // By the protocol of the browser: the page's own policy allows no script of others.
    await page.evaluate(await readFile(axeSource, 'utf8'));
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      return (await axe.run()).violations.map(({ id, impact, nodes }) => ({
        id,
        impact,
        where: nodes.map(({ html }) => html),
      }));
    });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    assert.deepEqual(serious, [], `${name}: ${JSON.stringify(serious, null, 1)}`);
  }

  async function fits(page: Page, name: string): Promise<void> {
    const [content, window] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[];
    assert.ok((content ?? 0) <= (window ?? 0), `${name} is ${content} wide in ${window}`);
  }

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

  it('shows an empty competition in sentences', async () => {
    const page = await open(`${scenes.empty.url}/`);
    await page.getByText('Nothing is ranked yet').waitFor();
    await accessible(page, 'empty leaderboard');
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

  it('keeps what it shows while the API is away, and comes back by itself', async () => {
    const away = await scenes.again(0);
    const page = await open(`${away.url}/`);
    await page.locator('.leader').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await away.stop();
    await page.getByText('Not live: connecting again').waitFor();
    assert.ok(await page.locator('.leader').isVisible());
    const back = await scenes.again(Number(new URL(away.url).port));
    await page.getByText('Live', { exact: true }).waitFor();
    await page.close();
    await back.stop();
  });

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

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}
