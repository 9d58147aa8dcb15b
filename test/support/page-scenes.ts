/** What the tests of the web page look at: a run, nothing at all, and a thousand models with names meant to break pages. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBackfill } from '@crunch-node/backfill';
import { exampleModels } from '@crunch-node/challenge';
import { tempDir } from '@crunch-node/embedded';
import { builtPages } from '@crunch-node/launcher/page';
import { createOperations } from '@crunch-node/operations/for-report';
import { createReadModel, openReadModel } from '@crunch-node/projections';
import { fill, type Sample } from '@crunch-node/projections/testing';
import { type ReportOptions, type ReportService, securityFrom, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { deadletters, type Instant, MessageRejected } from '@crunch-node/streams';
import { crowdEverywhere, crowdOperations } from './crowd-everywhere.ts';
import { type PastOfAFeed, pastOfAFeed } from './past-of-a-feed.ts';
import { freshNamespace, type Pipeline, startPipeline, syntheticFeed } from './pipeline.ts';
import { type Servers, startServers } from './servers.ts';

export const KEY = 'a key of at least thirty-two characters';
/** a message that could not be read */
export const LETTER = 'dead:FEEDS:999999';
/** others, for a correction by the page and one by the API */
export const CORRECTED = ['dead:FEEDS:999997', 'dead:FEEDS:999998'] as const;
const LETTERS = [999_997, 999_998, 999_999];
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Scenes {
  readonly run: Pipeline;
  /** of a run that has ended */
  readonly full: ReportService;
  /** the same behind a key, for reading too */
  readonly locked: ReportService;
  /** what its feed's backfills fetch from */
  readonly past: PastOfAFeed;
  readonly empty: ReportService;
  readonly crowded: ReportService;
  /** starts an API of the run, at a port one knows */
  again(port: number): Promise<ReportService>;
  stop(): Promise<void>;
}

export async function openScenes(): Promise<Scenes> {
  await promisify(execFile)(process.execPath, [`${root}scripts/build.mjs`]);
  const servers = await startServers();
  const stops: (() => Promise<unknown>)[] = [() => servers.stop()];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const { full, locked, run, past, again } = await aRun(servers, stops);
    const common = { config: run.config, pace: 'replay' as const };
    const empty = await filled(servers, [], common, stops);
    const crowded = await filled(servers, crowdEverywhere(), { ...common, operations: crowdOperations() }, stops);
    return { run, full, locked, past, again, empty, crowded, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const start: Instant = '2026-11-21T19:00:00.000000Z';
type Stops = (() => Promise<unknown>)[];
const logger = createLogger('silent');
const where = () => ({ host: '127.0.0.1', version: '0.1.0', logger, page: builtPages() });

async function aRun({ nats, postgres }: Servers, stops: Stops) {
  const namespace = freshNamespace();
  const databaseUrl = postgres.url;
  const config = { checkpoint_interval_seconds: 1_200 };
  // Without the one that answers late: nothing here depends on it, and a run with it takes minutes.
  const models = exampleModels.filter(({ model_name }) => model_name !== 'faulty');
  const run = await startPipeline({
    natsUrl: nats.url,
    databaseUrl,
    namespace,
    config,
    models,
    feed: syntheticFeed(32),
  });
  stops.push(() => run.stop());
  await run.finished();
  await run.projected();
  for (const sequence of LETTERS) {
    const letter = { stream: 'FEEDS', sequence, nats_subject: 'feeds.x', headers: {}, refused_by: 'feeds' };
    const event = MessageRejected.at(start, { ...letter, payload_base64: 'bm9pc2U=', reason: 'expected JSON text' });
    await run.log.publisher().append(deadletters, { event, natsSubject: MessageRejected.natsSubjectOf(event.data) });
  }
  const folder = await tempDir('crunch-page-');
  stops.push(() => folder.remove());
  const past = pastOfAFeed('synthetic');
  const backfill = startBackfill({
    log: run.log,
    logger,
    feed: run.config.feed,
    dataDir: folder.path,
    providerOf: () => past,
    pageSize: 480,
    flushMs: 0,
  });
  stops.push(() => backfill.stop());
  const operations = createOperations({ log: run.log, databaseUrl, namespace, logger });
  stops.push(() => operations.close());
  const options = {
    ...where(),
    databaseUrl,
    namespace,
    config: run.config,
    log: run.log,
    pace: 'replay' as const,
    operations,
  };
  const serve = async (more: Partial<ReportOptions> & { port: number }): Promise<ReportService> => {
    const started = await startReport({ ...options, ...more });
    stops.push(() => started.stop());
    return started;
  };
  const security = securityFrom({ API_KEY: KEY, API_READ_AUTH: true });
  const archive = { dir: folder.path };
  const [full, locked] = [await serve({ port: 0 }), await serve({ port: 0, security, archive })];
  return { run, full, locked, past, again: (port: number) => serve({ port }) };
}

async function filled(
  { postgres }: Servers,
  log: readonly Sample[],
  options: Pick<ReportOptions, 'config' | 'pace' | 'operations'>,
  stops: Stops,
): Promise<ReportService> {
  const namespace = freshNamespace();
  const readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
  await createReadModel(readModel.db, readModel.schema);
  await fill(readModel, log);
  await readModel.close();
  const report = await startReport({ ...where(), ...options, databaseUrl: postgres.url, namespace, port: 0 });
  stops.push(() => report.stop());
  return report;
}
