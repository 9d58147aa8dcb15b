import { comparedOf, digestStreams, overallDigest, type StreamDigest } from '@crunch-node/operations/digest-streams';
import { digestTables } from '@crunch-node/projections';
import { type Deployment, withDeployment } from '../deployment.ts';
import { count, shortHash, table } from '../show/text.ts';

export interface DigestOptions {
  readonly streams?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** One hash per table or stream, equal for runs with equal rows or events. */
export const runDigest = (options: DigestOptions): Promise<void> =>
  withDeployment(options.dataDir, (deployment) =>
    options.streams ? ofStreams(deployment, options) : ofTables(deployment, options),
  );

async function ofStreams({ screen, log }: Deployment, { json }: DigestOptions): Promise<void> {
  const streams = await digestStreams(await log());
  const digest = overallDigest(comparedOf(streams));
  if (json) return screen.result(JSON.stringify({ digest, streams }));
  screen.result(streamsText(streams));
  screen.result(`\n  digest ${digest}`);
  screen.result('  (* holds wall-clock facts, such as when a model joined, and is left out of it)');
}

const streamsText = (streams: readonly StreamDigest[]): string =>
  table(
    [
      { title: 'stream' },
      { title: 'events', align: 'right' },
      { title: 'unreadable', align: 'right' },
      { title: 'sha256' },
    ],
    streams.map(({ stream, events, unreadable, digest, compared }) => [
      compared ? stream : `${stream} *`,
      count(events),
      count(unreadable),
      shortHash(digest),
    ]),
  );

async function ofTables({ screen, readModel }: Deployment, { all = false, json }: DigestOptions): Promise<void> {
  const { db, schema } = await readModel();
  const tables = await digestTables(db, schema, { all });
  const digest = overallDigest(tables.map(({ table: name, sha256 }) => ({ name, digest: sha256 })));
  if (json) return screen.result(JSON.stringify({ digest, tables }));
  screen.result(
    table(
      [{ title: 'table' }, { title: 'rows', align: 'right' }, { title: 'sha256' }],
      tables.map(({ table: name, rows, sha256 }) => [name, count(rows), shortHash(sha256)]),
    ),
  );
  screen.result(`\n  digest ${digest}`);
  if (!all) screen.result('  (without the columns that hold what was measured; --all takes them in)');
}
