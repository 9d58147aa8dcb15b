import type { Environment } from '@crunch-node/config';
import { type CrunchConfig, hasRoundsByCommand } from '@crunch-node/domain';
import { builtPages } from '@crunch-node/launcher/page';
import type { ReadModel } from '@crunch-node/projections';
import { aborted, type Closers, type ServiceContext } from '@crunch-node/service';
import type { Screen } from '../screen.ts';
import { rejectedText } from '../show/rejected.ts';
import { boardsOf } from './boards.ts';
import { followHistory, HISTORY_FORMAT } from './history.ts';
import { UsageError } from './options.ts';
import { showResults } from './results.ts';
import type { Services } from './services.ts';
import { stageCounts } from './stage-counts.ts';
import { surveyReplay } from './survey.ts';
import { playRound } from './tournament-round.ts';

export interface Presented {
  readonly services: Services;
  /** where health and metrics of all of them are */
  readonly monitorUrl: string;
  readonly context: ServiceContext<CrunchConfig>;
  readonly readModel: ReadModel;
  readonly environment: Environment;
  /** with example models and data to go with them */
  readonly demo: boolean;
  readonly once: boolean;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly closers: Closers;
}

/** Shows history being worked off and its results, then the addresses. Returns when there is no more to do. */
export async function present(presented: Presented): Promise<void> {
  const { services, monitorUrl, context, environment, readModel, demo, once, screen, signal, closers } = presented;
  const { log, config, pace } = context;
  const { url } = services.report;
  const boards = boardsOf({ screen, readModel, config });
  // Closed before the services it reads from: when a run is stopped, its last leaderboard is still shown.
  closers.push('last leaderboard', () => boards.showLast());
  const over = new AbortController();
  closers.push('leaderboards on the screen', async () => over.abort());
  if (!once && !hasRoundsByCommand(config)) void boards.follow(AbortSignal.any([signal, over.signal]));
  const failures = services.modelFailures();
  if (pace === 'live' && failures !== null) screen.print(failures);
  const before = await stageCounts(log, readModel).catch(() => []);
  if (pace === 'replay') {
    const startedAt = performance.now();
    if (!once) screen.print(`API at ${url}, health at ${monitorUrl}/readyz`);
    const survey = surveyReplay(config, signal);
    await followHistory({
      log,
      ingested: services.ingest.finished,
      // Each partition publishes its part of every round.
      rounds: () => (services.predict.health().counts.published ?? 0) / config.partitions,
      survey,
      stalledBy: announcer(services, screen),
      progress: screen.progress(HISTORY_FORMAT),
      signal,
    });
    const rejected = rejectedText(services.ingest.rejected());
    if ((await survey)?.records === 0) {
      throw new UsageError(['expected records to replay, found none that can be used', ...rejected].join('\n'));
    }
    screen.print('waiting for the projections');
    await services.project.caughtUp(signal);
    const seconds = (performance.now() - startedAt) / 1000;
    await showResults({ screen, log, readModel, config, url, apiKey: environment.values.API_KEY, seconds, before });
    await boards.wasShown();
    for (const text of rejected) screen.result(`\n${text.trimStart()}`);
  }
  if (hasRoundsByCommand(config) && demo) {
    const startedAt = performance.now();
    await playRound({ url, apiKey: environment.values.API_KEY, screen, signal });
    await services.project.caughtUp(signal);
    const seconds = (performance.now() - startedAt) / 1000;
    await showResults({ screen, log, readModel, config, url, apiKey: environment.values.API_KEY, seconds, before });
    await boards.wasShown();
  }
  if (once) return;
  screen.result(`\n${urlsText(url, monitorUrl, builtPages().web !== undefined)}`);
  screen.print('serving until Ctrl-C');
  await aborted(signal);
}

/** Announces once which models failed to start and why; what the progress then shows in place of a first cycle. */
function announcer(
  { modelFailures }: Pick<Services, 'modelFailures'>,
  screen: Pick<Screen, 'print'>,
): () => string | null {
  let announced: string | null = null;
  return () => {
    const failures = modelFailures();
    if (failures !== null && failures !== announced) screen.print(failures);
    announced = failures;
    return failures === null ? null : `waiting for models (${failures.split(':')[0]})`;
  };
}

/** @param hasPage whether there is one built of these sources */
export const urlsText = (url: string, monitorUrl: string, hasPage: boolean): string =>
  [
    hasPage ? `page         ${url}/` : 'page         none: no build is of these sources (npm run build makes one)',
    `leaderboard  ${url}/reports/leaderboard`,
    `checkpoints  ${url}/reports/checkpoints`,
    `API          ${url}/docs/api`,
    `health       ${monitorUrl}/readyz`,
    `metrics      ${monitorUrl}/metrics`,
  ].join('\n');
