import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { type Environment, loadConfig, readEnvironment, refuseStub } from '@crunch-node/config';
import type { FeedSettings } from '@crunch-node/domain';
import { findNatsServer, postgresBinaries } from '@crunch-node/embedded';
import { checkPostgresFeed, createProvider } from '@crunch-node/feeds';
import { paceOf } from '@crunch-node/operations/pace';
import { namespaceOf } from '@crunch-node/streams';
import { databaseUrlOf } from '../endpoints.ts';
import { openLog } from '../open-log.ts';
import { checkPostgres } from '../postgres-check.ts';
import { createScreen } from '../screen.ts';
import { green, red, yellow } from '../show/colour.ts';
import { archiveOf } from '../up/backfill.ts';

const WARNING = 'warning';
/** Of rows that are no records. */
const REJECTED_SHOWN = 10;

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Checks everything a start depends on and prints what is missing. Sets the exit code. */
export async function runDoctor({
  dataDir,
  config: module,
  data = [],
  json,
}: {
  readonly dataDir: string;
  readonly data?: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
}): Promise<void> {
  const screen = createScreen();
  const env = withData(process.env, data);
  const environment = readEnvironment(env);
  const { values } = environment;
  // Of the environment alone, where the configuration does not load.
  let { warnings } = environment;
  let feed: FeedSettings | undefined;
  const findings: Finding[] = [
    await finding('configuration', async () => {
      const loaded = await loadConfig({
        env,
        cwd: process.cwd(),
        ...(module !== undefined && { module }),
      });
      warnings = loaded.warnings;
      const { crunch_id } = loaded.config;
      feed = loaded.config.feed;
      refuseStub(loaded.config, paceOf(loaded.config));
      return `${crunch_id}, ${feed.provider} ${feed.kind} ${feed.granularity}, from ${loaded.origin}`;
    }),
    await finding('Node', async () => nodeVersion(process.versions.node)),
    await finding('NATS', () => (values.NATS_URL === undefined ? ownNats() : givenNats(values.NATS_URL, environment))),
    await finding('Postgres', async () => {
      const database = databaseUrlOf(environment);
      return database === undefined ? ownPostgres() : checkPostgres(database, namespaceOf(values.CRUNCH_NAMESPACE));
    }),
    ...(feed?.provider === 'postgres' ? [await finding('feed', () => checkPostgresFeed(feed as FeedSettings))] : []),
    ...(feed?.provider === 'replay' ? [await finding('data', () => dataOf(feed as FeedSettings))] : []),
    await finding('port', () => portFree(values.REPORT_API_PORT ?? 0)),
    await finding('data folder', () => writable(resolve(values.CRUNCH_STATE_DIR ?? dataDir))),
    await finding('archive folder', () => writable(resolve(archiveOf(environment).dir ?? ''))),
  ];
  findings.push(...warnings.map((detail) => ({ check: WARNING, ok: true, detail })));
  if (json) screen.result(JSON.stringify(findings));
  else for (const found of findings) screen.result(lineOf(found));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** As `up --data` would have it. */
const withData = (env: NodeJS.ProcessEnv, data: readonly string[]): NodeJS.ProcessEnv =>
  data.length === 0
    ? env
    : {
        ...env,
        FEED_PROVIDER: 'replay',
        FEED_SOURCE: undefined,
        FEED_OPT_data: data.map((path) => resolve(path)).join(','),
      };

/** A warning is neither well nor wrong. */
function lineOf({ check, ok, detail }: Finding): string {
  if (check === WARNING) return `${yellow('warn')}  ${detail}`;
  return `${ok ? green('ok  ') : red('FAIL')}  ${check}: ${detail}`;
}

async function finding(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await look() };
  } catch (error) {
    return { check, ok: false, detail: (error as Error).message };
  }
}

/** Reads all of the recorded data: rows that are no records are named with their file and line. */
async function dataOf(feed: FeedSettings): Promise<string> {
  const rejected: string[] = [];
  let count = 0;
  let records = 0;
  const provider = createProvider(feed, {
    notice: () => undefined,
    rejected({ reason, detail, origin }) {
      count++;
      if (rejected.length < REJECTED_SHOWN) rejected.push(`${origin ?? 'a row'}: ${detail} (${reason})`);
    },
  });
  if (provider.pace !== 'replay') return 'live';
  for await (const _record of provider.records()) records++;
  if (count === 0) return `${records} records, every row read`;
  throw new Error(
    [`expected every row to be a record, found ${count} that are none beside ${records} records`, ...rejected].join(
      '\n      ',
    ),
  );
}

function nodeVersion(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return version;
  throw new Error(`expected 20.19 or newer, received ${version}: install a newer one from https://nodejs.org`);
}

async function ownNats(): Promise<string> {
  const { path, version, source } = await findNatsServer();
  return `${version} at ${path} (${source}), started when needed`;
}

async function givenNats(url: string, environment: Environment): Promise<string> {
  const log = await openLog(url, environment);
  await log.close();
  return `${log.capabilities.serverVersion} at NATS_URL, messages up to ${log.capabilities.maxPayload} bytes`;
}

async function ownPostgres(): Promise<string> {
  const { postgres } = await postgresBinaries();
  return `${postgres}, started when needed`;
}

const portFree = (port: number): Promise<string> =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once('error', () =>
      failed(new Error(`port ${port} is taken: stop what listens there or set REPORT_API_PORT`)),
    );
    server.listen(port, () => server.close(() => done(port === 0 ? 'any free one' : `${port} is free`)));
  });

/** It can be written to, or made. Looking makes nothing. */
async function writable(folder: string): Promise<string> {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  await access(there, constants.W_OK);
  return there === folder ? folder : `${folder}, made when needed`;
}
