import { loadConfig } from '@crunch-node/config';
import type { EventLog } from '@crunch-node/eventlog';
import { type BackfillRequested, backfills, type Instant, instantOfMillis } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { type BackfillClient, backfillClient } from '../backfill/backfill-client.ts';
import { allJobs, followJobs } from '../backfill/jobs.ts';
import { jobTable, outcomeOf, progressOf } from '../backfill/show.ts';
import { type Deployment, withDeployment } from '../deployment.ts';
import { UsageError } from '../up/options.ts';

export interface BackfillCommand {
  readonly source?: string;
  readonly subject?: readonly string[];
  readonly kind?: string;
  readonly granularity?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  readonly pageSize?: number;
  readonly detach?: boolean;
  readonly json?: boolean;
  readonly config?: string;
  readonly dataDir: string;
}

class NoSuchJob extends CrunchError {
  override readonly name = 'NoSuchJob';
  override readonly code = 'no_such_backfill_job';
  constructor(id: string) {
    super(`expected the id of a job as crunch-node backfill list has it, received ${id}`);
  }
}

interface Common {
  readonly config?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** Exit code of a shell after Ctrl-C. */
const INTERRUPTED = 130;
const NEWEST = 20;

/** Has the past of feeds fetched into the archive, and shows how it goes. */
export const runBackfill = (options: BackfillCommand) =>
  atBackfills(options, async ({ deployment, log, feed, backfill }) => {
    const { from, to = instantOfMillis(Date.now()), pageSize, detach } = options;
    if (from === undefined) throw new UsageError('expected --from, the first time wanted, such as 2024-01-31');
    const ids: string[] = [];
    for (const subject of options.subject ?? feed.subjects) {
      const { data } = await backfill.ask<BackfillRequested>('request', {
        source: options.source ?? feed.provider,
        subject,
        kind: options.kind ?? feed.kind,
        granularity: options.granularity ?? feed.granularity,
        start: from,
        end: to,
        ...(pageSize !== undefined && { page_size: pageSize }),
      });
      ids.push(data.job_id);
    }
    if (detach && !backfill.isOurs()) return deployment.screen.result(ids.join('\n'));
    if (detach) deployment.screen.print('no service runs backfills here: this command has to stay');
    await follow(deployment, log, ids, backfill, options.json);
  });

/** Takes a failed or cancelled job up where it stopped. */
export const runBackfillRetry = (job_id: string, options: Common) =>
  atBackfills(options, async ({ deployment, log, backfill }) => {
    await backfill.ask('retry', { job_id });
    await follow(deployment, log, [job_id], backfill, options.json);
  });

/** Shows how a job goes; where no service runs it, this command does. */
export const runBackfillFollow = (job_id: string, options: Common) =>
  atBackfills(options, async ({ deployment, log, backfill }) => {
    if (!(await allJobs(log)).some((job) => job.job_id === job_id)) throw new NoSuchJob(job_id);
    await backfill.attended();
    await follow(deployment, log, [job_id], backfill, options.json);
  });

export const runBackfillCancel = (job_id: string, options: Common) =>
  atBackfills(options, async ({ deployment, backfill }) => {
    await backfill.ask('cancel', { job_id });
    deployment.screen.result(`${job_id} is cancelled; what it has written stays`);
  });

export const runBackfillList = ({ json, dataDir }: Common) =>
  withDeployment(dataDir, async ({ screen, log: open }) => {
    const jobs = (await allJobs(await open())).slice(0, NEWEST);
    if (json) return screen.result(JSON.stringify(jobs));
    screen.result(jobs.length === 0 ? 'no backfills yet' : jobTable(jobs));
  });

interface Work {
  readonly deployment: Deployment;
  readonly log: EventLog;
  readonly feed: Awaited<ReturnType<typeof loadConfig>>['config']['feed'];
  readonly backfill: BackfillClient;
}

const atBackfills = ({ config: module, dataDir }: Common, work: (work: Work) => Promise<void>) =>
  withDeployment(
    dataDir,
    async (deployment) => {
      const { config, environment } = await loadConfig({
        env: process.env,
        cwd: process.cwd(),
        ...(module === undefined ? {} : { module }),
      });
      const log = await deployment.log();
      await log.ensureStreams([backfills]);
      const backfill = backfillClient(log, environment, config.feed, deployment.closers);
      await work({ deployment, log, feed: config.feed, backfill });
    },
    { mayBeFirst: true },
  );

/** Ctrl-C leaves the jobs as they are: nothing that was fetched is lost, and they can be cancelled by name. */
async function follow(
  { screen }: Deployment,
  log: EventLog,
  ids: readonly string[],
  { isOurs }: BackfillClient,
  json?: boolean,
) {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  const bar = screen.progress('{records} records{eta}');
  try {
    const jobs = await followJobs(log, ids, leaving.signal, (now) => {
      const { percent, facts } = progressOf(now);
      bar.update(Math.floor(percent), 100, facts);
    }).finally(() => bar.end());
    if (leaving.signal.aborted) {
      process.exitCode = INTERRUPTED;
      screen.print(
        isOurs()
          ? 'stopped: a service of this deployment takes the jobs up, or this'
          : 'left: the jobs go on without this command',
      );
      for (const id of ids) screen.print(`  crunch-node backfill follow ${id}\n  crunch-node backfill cancel ${id}`);
      return;
    }
    screen.result(json ? JSON.stringify(jobs) : jobs.flatMap(outcomeOf).join('\n'));
    if (jobs.some(({ status }) => status !== 'completed')) process.exitCode = 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, leave);
  }
}
