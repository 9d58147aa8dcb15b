import type { EventLog } from '@crunch-node/eventlog';
import { allStreams } from '@crunch-node/streams';
import { atDesk } from '../desk.ts';
import { projectionLag } from '../projection-lag.ts';
import { count, minute, table } from '../show/text.ts';

/** Streams with their messages, projections with how far behind they are. */
export const runStatus = ({ json, dataDir }: { readonly json?: boolean; readonly dataDir: string }) =>
  atDesk(dataDir, async ({ screen, log: open, readModel }) => {
    const log = await open();
    const streams = await streamStatus(log);
    const holders = Object.fromEntries(await (await log.leases()).holders());
    const projections = await projectionLag(log, await readModel());
    if (json) return screen.result(JSON.stringify({ streams, projections, holders }));
    screen.result(
      table(
        [
          { title: 'stream' },
          { title: 'messages', align: 'right' },
          { title: 'last', align: 'right' },
          { title: 'MB', align: 'right' },
          { title: 'since' },
        ],
        streams.map((s) => [s.stream, count(s.messages), count(s.last), (s.bytes / 1e6).toFixed(1), minute(s.created)]),
      ),
    );
    screen.result('');
    screen.result(
      table(
        [
          { title: 'projection' },
          { title: 'of' },
          { title: 'position', align: 'right' },
          { title: 'behind', align: 'right' },
        ],
        projections.map((p) => [p.projection, p.stream, count(p.position), count(p.lag)]),
      ),
    );
    const owners = [...new Set(Object.values(holders))];
    screen.result(`\n  ${count(Object.keys(holders).length)} leases held by ${owners.join(', ') || 'nobody'}`);
  });

interface StreamStatus {
  readonly stream: string;
  readonly messages: number;
  readonly last: number;
  readonly bytes: number;
  readonly created: string;
}

const streamStatus = (log: EventLog): Promise<StreamStatus[]> =>
  Promise.all(
    allStreams.map(async (definition) => {
      const { created, firstSequence, lastSequence, bytes } = await log.info(definition);
      const messages = lastSequence === 0 ? 0 : lastSequence - firstSequence + 1;
      return { stream: definition.name, messages, last: lastSequence, bytes, created };
    }),
  );
