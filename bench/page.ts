/**
 * How soon the web page shows a leaderboard of 1,000 models in Chromium, and how smooth its filter is: time from the
 * request to the first row, bytes of the first view, tasks that hold the page for more than 50 ms, and the time from a
 * key pressed to the filtered rows.
 *
 * `scripts/bench page [models] [runs]`; the last line is JSON.
 */

import { privatePostgres } from '@crunch-node/embedded/testing';
import { builtPages } from '@crunch-node/launcher/page';
import { createReadModel, openReadModel } from '@crunch-node/projections';
import { fill } from '@crunch-node/projections/testing';
import { startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { reportConfig } from '../services/report/src/testing/report-config.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { crowd } from '../test/support/crowd.ts';
import { machine } from './support/machine.ts';
import { tableOf } from './support/table.ts';

const [MODELS = 1_000, RUNS = 5] = process.argv.slice(2).map(Number);
const ROW = '.board tbody tr:not(.gap)';
const browser = await launchBrowser();
if (browser === null) process.exit(1);
const postgres = await privatePostgres();
const namespace = namespaceOf();
const readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
await createReadModel(readModel.db, readModel.schema);
await fill(readModel, crowd(MODELS));
await readModel.close();
const common = {
  databaseUrl: postgres.url,
  namespace,
  config: reportConfig,
  host: '127.0.0.1',
  port: 0,
  version: 'bench',
};
const report = await startReport({ ...common, page: builtPages(), logger: createLogger('silent') });

interface Seen {
  readonly firstRow: number;
  readonly longest: number;
  readonly filterMs: number;
  readonly filterLongest: number;
  readonly bytes: number;
}

/** Kept by the page itself from its beginning. */
const OBSERVE = `
  const tasks = [];
  const keep = (entries) => tasks.push(...entries.map(({ duration }) => duration));
  const observer = new PerformanceObserver((list) => keep(list.getEntries()));
  observer.observe({ type: 'longtask', buffered: true });
  globalThis.longestTask = () => {
    keep(observer.takeRecords());
    return Math.max(0, ...tasks.splice(0));
  };
  const seen = new MutationObserver(() => {
    if (globalThis.firstRow === undefined && document.querySelector(${JSON.stringify(ROW)})) globalThis.firstRow = performance.now();
  });
  seen.observe(document, { childList: true, subtree: true });
`;

async function once(): Promise<Seen> {
  const page = await browser!.newPage();
  await page.addInitScript(OBSERVE);
  let bytes = 0;
  page.on('response', async (response) => {
    bytes += (
      await response
        .request()
        .sizes()
        .catch(() => ({ responseBodySize: 0 }))
    ).responseBodySize;
  });
  await page.goto(`${report.url}/`);
  await page.locator(ROW).first().waitFor();
  const firstRow = (await page.evaluate('firstRow')) as number;
  await page.waitForLoadState('networkidle');
  const longest = (await page.evaluate('longestTask()')) as number;
  const before = performance.now();
  await page.getByLabel('Find a model').fill(`model ${MODELS - 1}`);
  await page.getByText(/^1 of /).waitFor();
  const filterMs = performance.now() - before;
  const filterLongest = (await page.evaluate('longestTask()')) as number;
  await page.close();
  return { firstRow, longest, filterMs, filterLongest, bytes };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

try {
  await once(); // the first start of the browser counts for nothing
  const all: Seen[] = [];
  for (let run = 0; run < RUNS; run++) all.push(await once());
  const of = (name: keyof Seen): number => Math.round(median(all.map((seen) => seen[name])));
  const result = {
    models: MODELS,
    first_row_ms: of('firstRow'),
    longest_task_ms: of('longest'),
    filter_ms: of('filterMs'),
    longest_task_filtering_ms: of('filterLongest'),
    kilobytes: Math.round(of('bytes') / 1_000),
  };
  const table = tableOf(['', 'median']);
  for (const [what, value] of Object.entries(result)) table.push([what.replaceAll('_', ' '), value]);
  console.log(table.toString());
  console.log(JSON.stringify({ bench: 'page', ...result, ...machine() }));
} finally {
  await browser.close();
  await report.stop();
  await postgres.stop();
}
