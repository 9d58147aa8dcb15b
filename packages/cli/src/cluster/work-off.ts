import { setTimeout as delay } from 'node:timers/promises';
import type { CrunchConfig } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { projected } from '@crunch-node/operations/projection-lag';
import type { ReadModel } from '@crunch-node/projections';
import { feeds } from '@crunch-node/streams';
import type { Screen } from '../screen.ts';
import { closedTo, followHistory } from '../up/history.ts';
import { showResults } from '../up/results.ts';
import { type Survey, surveyReplay } from '../up/survey.ts';

export interface WorkOff {
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly config: CrunchConfig;
  /** of the API */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Follows a replay that other processes carry out, until all of it is in the read model; shows the results. */
export async function workOff({ log, readModel, config, url, apiKey, screen, signal }: WorkOff): Promise<void> {
  const startedAt = performance.now();
  const survey = surveyReplay(config, signal);
  await followHistory({
    log,
    ingested: survey.then((found) => untilIngested(log, found, signal)),
    rounds: () => 0,
    survey,
    progress: screen.progress('{at}'),
    signal,
  });
  screen.print('waiting for the projections');
  await projected(log, readModel, signal);
  const seconds = (performance.now() - startedAt) / 1000;
  await showResults({ screen, log, readModel, config, url, apiKey, seconds });
}

/** The data ends with a closing, which shows that all of it is in the log. */
async function untilIngested(log: EventLog, survey: Survey | null, signal: AbortSignal): Promise<void> {
  const last = survey?.last ?? null;
  if (last === null) return;
  for (;;) {
    const closed = await closedTo(log, feeds, feeds.closingSubject(), signal);
    if (closed !== null && closed >= last) return;
    await delay(200, undefined, { signal });
  }
}
