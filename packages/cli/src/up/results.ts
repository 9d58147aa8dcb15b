import { type CrunchConfig, enabledEnsembles, isEnsemble } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { comparedOf, digestStreams, overallDigest } from '@crunch-node/operations/digest-streams';
import { commonFailures, digestTables, type ReadModel, silentEnsembles } from '@crunch-node/projections';
import type { Screen } from '../screen.ts';
import { type CheckpointRow, checkpointText } from '../show/checkpoint.ts';
import { countsText, type StageCount } from '../show/counts.ts';
import { failuresText } from '../show/failures.ts';
import { type LeaderboardRow, leaderboardText } from '../show/leaderboard.ts';
import { silentText } from '../show/silent.ts';
import { shortHash } from '../show/text.ts';
import { stageCounts } from './stage-counts.ts';

export interface ResultsOf {
  readonly screen: Screen;
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly config: CrunchConfig;
  /** of the API */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** duration of the run */
  readonly seconds: number;
  /** counts at its beginning */
  readonly before?: readonly StageCount[];
}

/** Prints the results: everything is read back from the API, the read model and the log. */
export async function showResults({
  screen,
  log,
  readModel,
  config,
  url,
  apiKey,
  seconds,
  before,
}: ResultsOf): Promise<void> {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}${path}`, apiKey === undefined ? {} : { headers: { 'x-api-key': apiKey } });
    if (!response.ok) throw new Error(`expected ${path} to answer, received ${response.status} ${response.statusText}`);
    return (await response.json()) as T;
  };
  const names = [...config.aggregation.windows.map(({ name }) => name), ...config.metrics];
  const { ranking_key, ranking_direction } = config.aggregation;
  const [ranked, checkpoints] = await Promise.all([
    get<LeaderboardRow[]>('/reports/leaderboard?include_ensembles=true'),
    get<CheckpointRow[]>('/reports/checkpoints?limit=1'),
  ]);
  const models = ranked.filter(({ model_id }) => !isEnsemble(model_id));
  screen.result(`\nLeaderboard, by ${ranking_key} (${ranking_direction})\n${leaderboardText(models, names)}`);
  if (enabledEnsembles(config).length > 0) {
    const ensembles = ranked.filter(({ model_id }) => isEnsemble(model_id));
    const silent = silentText(await silentEnsembles(readModel.db));
    screen.result(`\nEnsembles, never paid\n${leaderboardText(ensembles, names)}${silent === '' ? '' : `\n${silent}`}`);
  }
  screen.result(`\nNewest checkpoint\n${checkpointText(checkpoints[0])}`);
  screen.result(`\nStages, ${seconds.toFixed(1)} s\n${countsText(await stageCounts(log, readModel), seconds, before)}`);
  const failures = failuresText(await commonFailures(readModel.db));
  if (failures !== null) screen.result(`\nFailures, by reason\n${failures}`);
  screen.result(`\n${await digestLine(log, readModel)}`);
}

/** Two runs over the same inputs print the same line. */
async function digestLine(log: EventLog, { db, schema }: ReadModel): Promise<string> {
  const streams = overallDigest(comparedOf(await digestStreams(log)));
  const tables = await digestTables(db, schema, { all: false });
  const ofTables = overallDigest(tables.map(({ table, sha256 }) => ({ name: table, digest: sha256 })));
  return `digest streams ${shortHash(streams)} / tables ${shortHash(ofTables)}`;
}
