import type { CrunchConfig } from '@crunch-node/domain';
import { findNatsServer, startNatsServer, startPostgres, tempDir } from '@crunch-node/embedded';
import { connectLog, type ReadableLog } from '@crunch-node/eventlog';
import { type ProjectService, startProject } from '@crunch-node/project';
import { startReport } from '@crunch-node/report';
import { type Closers, type Logger, readToEnd } from '@crunch-node/service';
import type { Writership } from '@crunch-node/stages';
import {
  allStreams,
  control,
  type Event,
  feeds,
  models,
  namespaceOf,
  natsSubjectIn,
  predictions,
  rounds,
} from '@crunch-node/streams';

export interface Beside {
  /** accepts the recomputed events of a writer */
  append(by: Writership, events: readonly Event[]): Promise<void>;
  /** copies the unchanged streams up to now; resolves with the address of the API when everything is visible */
  show(from: ReadableLog): Promise<string>;
}

export interface BesideOptions {
  readonly config: CrunchConfig;
  /** 0 takes a free one */
  readonly port: number;
  /** version of the engine, as the API reports it */
  readonly version: string;
  readonly logger: Logger;
  readonly closers: Closers;
  print(line: string): void;
}

/** Streams that no configuration changes. */
const COPIED = [control, models, feeds, rounds, predictions];

/** A separate log, read model and API in a temporary folder: production is not touched. */
export async function openBeside({ config, port, version, logger, closers, print }: BesideOptions): Promise<Beside> {
  const folder = await tempDir('crunch-whatif-');
  closers.push('folder of the what-if', () => folder.remove());
  const { path } = await findNatsServer({ print });
  const nats = await startNatsServer({ binary: path, storeDir: `${folder.path}/nats` });
  closers.push('nats-server of the what-if', () => nats.stop());
  const postgres = await startPostgres({ dataDir: `${folder.path}/postgres`, print });
  closers.push('Postgres of the what-if', () => postgres.stop());
  const namespace = namespaceOf();
  const log = await connectLog({ url: nats.url, namespace });
  closers.push('connection of the what-if', () => log.close());
  await log.ensureStreams(allStreams);
  const publisher = log.publisher();
  const project: ProjectService = startProject({ log, databaseUrl: postgres.url, namespace, logger });
  closers.push('projections of the what-if', () => project.stop());

  async function copy(source: ReadableLog, stream: (typeof COPIED)[number]): Promise<void> {
    for await (const { events } of readToEnd(source, stream, { maxEvents: 2_000 })) {
      await Promise.all(
        events.map(({ event, natsSubject, obs }) =>
          publisher.append(stream, { event, natsSubject, ...(obs && { obs }) }),
        ),
      );
    }
  }

  return {
    async append({ stream }, events) {
      await Promise.all(
        events.map((event) => publisher.append(stream, { event, natsSubject: natsSubjectIn(stream, event) })),
      );
    },
    async show(from) {
      for (const stream of COPIED) await copy(from, stream);
      await publisher.close();
      await project.caughtUp();
      const report = await startReport({
        databaseUrl: postgres.url,
        namespace,
        config,
        pace: 'replay',
        host: '127.0.0.1',
        port,
        version,
        logger,
      });
      closers.push('API of the what-if', () => report.stop());
      return report.url;
    },
  };
}
