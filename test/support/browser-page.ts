import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const axeSource = createRequire(join(root, 'packages/web/package.json')).resolve('axe-core/axe.min.js');
/** What a run leaves to look at. */
export const shots = join(root, '.cache', 'screenshots');

export interface Look {
  readonly isPhone?: boolean;
  /** the test moves its time forward by `page.clock` */
  readonly hasClock?: boolean;
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens pages that note every exception, refused script and request to another host in `faults`. */
export const opener = (browser: Browser, faults: string[]) =>
  async function open(url: string, look: Look = {}): Promise<Page> {
    const { isPhone = false, hasClock = false, colorScheme = 'light' } = look;
    const viewport = isPhone ? { width: 390, height: 844 } : { width: 1280, height: 860 };
    const page = await browser.newPage({ viewport, colorScheme });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(`${url}: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`${url}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) faults.push(`${url} requests ${request.url()}`);
    });
    if (hasClock) await page.clock.install();
    await page.goto(url);
    return page;
  };
export type Opener = ReturnType<typeof opener>;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** axe finds nothing serious. */
export async function accessible(page: Page, name: string): Promise<void> {
  // By the protocol of the browser: the page's own policy allows no script of others.
  await page.evaluate(await readFile(axeSource, 'utf8'));
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[];
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ html }) => html.slice(0, 200)).join(' and ')}`);
  assert.deepEqual(serious, []);
}

/** Nothing is wider than the window. */
export async function fits(page: Page, name: string): Promise<void> {
  const [content = 0, window = 0] = (await page.evaluate(
    '[document.scrollingElement.scrollWidth, innerWidth]',
  )) as number[];
  assert.ok(content <= window, `${name} is ${content} wide in ${window}`);
}

const WIDTHS = [1280, 1024, 390];

/** Nothing is wider than the window on a desk, a tablet and a telephone; then it is as wide as before. */
export async function fitsEveryWidth(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 860 });
    // Two frames, so that what observes its size has taken its new one
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await fits(page, name);
  }
  if (before !== null) await page.setViewportSize(before);
}
