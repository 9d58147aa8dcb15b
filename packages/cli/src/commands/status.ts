import { SILENCE_MS, type Status, survey, type Verdict } from '@crunch-node/operations/status';
import { withDeployment } from '../deployment.ts';
import { duration } from '../show/duration.ts';
import { rejectedText } from '../show/rejected.ts';
import { count, minute, table } from '../show/text.ts';

export interface StatusOptions {
  readonly json?: boolean;
  /** end with code 1 when something is frozen or has no owner */
  readonly check?: boolean;
  /** seconds between two looks */
  readonly over: number;
  /** seconds without movement that are a standstill */
  readonly frozenAfter: number;
  readonly dataDir: string;
}

/** Who owns what, how far it has come, and whether it moves. */
export const runStatus = ({ json, check, over, frozenAfter, dataDir }: StatusOptions) =>
  withDeployment(dataDir, async ({ screen, log: open, readModel: openModel }) => {
    const log = await open();
    let model: ReturnType<typeof openModel> | undefined;
    const readModel = () => (model ??= openModel({ connectTimeoutMs: SILENCE_MS }));
    const status = await survey(log, readModel, { overMs: over * 1000, frozenMs: frozenAfter * 1000 });
    screen.result(json ? JSON.stringify(status) : textOf(status));
    const bad = [...status.stages, ...(status.projections ?? [])].filter(
      ({ activity }) => activity === 'frozen' || activity === 'unowned',
    );
    if (check && (bad.length > 0 || status.projections === null)) process.exitCode = 1;
  });

function textOf({ streams, stages, projections, postgres, instances, holders }: Status): string {
  const stagesTable = table(
    [{ title: 'stage' }, { title: 'part' }, ...verdictColumns, { title: 'owner' }],
    stages.map((row) => [row.service, row.partition, ...verdictCells(row), ownerOf(row)]),
  );
  const projectionsTable =
    projections === null
      ? `  Postgres cannot be asked: ${postgres}`
      : table(
          [{ title: 'projection' }, { title: 'of' }, { title: 'position', align: 'right' }, ...verdictColumns],
          projections.map((row) => [row.projection, row.stream, count(row.position), ...verdictCells(row)]),
        );
  const streamsTable = table(
    [
      { title: 'stream' },
      { title: 'messages', align: 'right' },
      { title: 'last', align: 'right' },
      { title: 'MB', align: 'right' },
      { title: 'since' },
    ],
    streams.map((s) => [s.stream, count(s.messages), count(s.last), (s.bytes / 1e6).toFixed(1), minute(s.created)]),
  );
  const shared = Object.entries(instances).map(([service, n]) => `${service} ${n}`);
  const leases = `  ${count(Object.keys(holders).length)} leases; instances: ${shared.join(', ') || 'none'}`;
  const facts = stages.flatMap((stage) => rejectedText(stage.facts?.rejected));
  return [stagesTable, ...facts, projectionsTable, streamsTable, leases].join('\n\n');
}

const verdictColumns = [
  { title: 'state' },
  { title: 'reached' },
  { title: 'behind', align: 'right' },
  { title: 'messages', align: 'right' },
  { title: 'a second', align: 'right' },
  { title: 'there in', align: 'right' },
] as const;

const verdictCells = (verdict: Verdict): string[] => {
  const { activity, reached, behind_seconds, behind_messages, messages_per_second, catch_up_seconds } = verdict;
  return [
    verdict.still_seconds === null || activity !== 'frozen'
      ? activity
      : `frozen for ${duration(verdict.still_seconds)}`,
    reached === null ? '–' : minute(reached),
    behind_seconds === null ? '–' : duration(behind_seconds),
    behind_messages === null ? '–' : count(behind_messages),
    messages_per_second === null ? '–' : count(messages_per_second),
    activity === 'idle' || catch_up_seconds === null ? '–' : duration(catch_up_seconds),
  ];
};

const ownerOf = ({ owner, waits_for }: Status['stages'][number]): string => {
  if (owner === null) return 'nobody';
  return waits_for.length === 0 ? owner : `${owner}, waits for ${summary(waits_for)}`;
};

const summary = ([first = '', ...rest]: readonly string[]): string =>
  rest.length === 0 ? first : `${first} and ${rest.length} more`;
