import type { EventLog } from '@crunch-node/eventlog';
import { openReadModel, type ReadModel } from '@crunch-node/projections';
import { type Generation, listGenerations } from '@crunch-node/projections/generations';
import { projectionsNamed, replay } from '@crunch-node/projector';
import type { OperationsPort } from '@crunch-node/report';
import { CommandRefused, type Logger } from '@crunch-node/service';
import { control, instantOfMillis, type Namespace } from '@crunch-node/streams';
import {
  discardLetter,
  IngestUnavailable,
  LetterRefused,
  letterNamed,
  readLetters,
  redriveCorrected,
  redriveInPlace,
  UnknownLetter,
} from '../dead-letters/index.ts';
import { SILENCE_MS, survey } from '../status/index.ts';
import { letterDetail, shownLetter } from './letters-shown.ts';
import { resourcesOfThisProcess } from './resources.ts';

export interface OperationsFrom {
  readonly log: EventLog;
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly logger: Logger;
}

/** As `crunch-node status` looks. */
const LOOK = { overMs: 2_500, frozenMs: 15_000 };
/** A look is shown again to requests that come so soon after it. */
const FRESH_MS = 1_000;
/** A redrive that takes longer goes on without its request. */
const PATIENCE_MS = 10_000;

/** For the report API: the same data as `crunch-node status`, and settling dead letters. Close it with the API. */
export function createOperations(from: OperationsFrom): OperationsPort & { close(): Promise<void> } {
  const { log, logger } = from;
  let model: ReadModel | undefined;
  const readModel = async (): Promise<ReadModel> =>
    (model ??= openReadModel({
      url: from.databaseUrl,
      schema: from.namespace.schema,
      connectTimeoutMs: SILENCE_MS,
      applicationName: 'crunch-node report operations',
    }));
  const resources = resourcesOfThisProcess();
  const redrives = new Map<string, string>();
  let looking: Promise<Awaited<ReturnType<OperationsPort['status']>>> | undefined;

  async function look(): Promise<Awaited<ReturnType<OperationsPort['status']>>> {
    const [status, active, generations] = await Promise.all([
      survey(log, readModel, LOOK),
      log.last(control, 'control.config').catch(() => null),
      generationsIn(readModel),
    ]);
    const { stages, projections, postgres, streams, instances } = status;
    const pace = active?.event.data.pace ?? null;
    return {
      at: instantOfMillis(Date.now()),
      pace,
      stages: stages.map(({ waits_for, ...stage }) => ({ ...stage, waits_for: [...waits_for] })),
      projections: projections?.map(({ waits_for, ...each }) => ({ ...each, waits_for: [...waits_for] })) ?? null,
      postgres,
      generations: [...generations],
      streams: [...streams],
      instances: { ...instances },
      process: resources(),
    };
  }

  async function detail(id: string) {
    return letterDetail(letterNamed(await readLetters(log), id), redrives.get(id) ?? null);
  }

  const inPlace = (id: string, by: string) => redriveInPlace(log, id, (stream) => rebuildReadersOf(stream, from), by);

  return {
    status() {
      looking ??= look().finally(() => {
        setTimeout(() => {
          looking = undefined;
        }, FRESH_MS).unref();
      });
      return looking;
    },
    async letters({ all }) {
      const letters = (await readLetters(log)).filter(({ settled }) => all || settled === null);
      return letters.map((letter) => shownLetter(letter, redrives.get(letter.id) ?? null));
    },
    letter: (id) => refused(() => detail(id)),
    async redrive(id, payload, by) {
      if (redrives.get(id) === RUNNING) throw new CommandRefused(409, `${id} is being redriven already`);
      await refused(() => detail(id));
      redrives.set(id, RUNNING);
      const work = refused<unknown>(() =>
        payload === undefined ? inPlace(id, by) : redriveCorrected(log, id, Buffer.from(payload, 'utf8'), by),
      ).then(
        () => void redrives.delete(id),
        (error: Error) => {
          redrives.set(id, error.message);
          if (!(error instanceof CommandRefused)) logger.error({ err: error, id }, 'redrive failed');
          throw error;
        },
      );
      work.catch(() => undefined); // kept for the letter; a request that still waits has it as its own
      await Promise.race([work, soon(PATIENCE_MS)]);
      return detail(id);
    },
    async discard(id, reason, by) {
      await refused(() => discardLetter(log, id, reason, by));
      return detail(id);
    },
    async close() {
      await model?.close();
    },
  };
}

const RUNNING = 'running';

const soon = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/** None while Postgres is away: the status has the reason. */
async function generationsIn(readModel: () => Promise<ReadModel>): Promise<readonly Generation[]> {
  try {
    const { db, schema } = await readModel();
    return await listGenerations(db, schema);
  } catch {
    return [];
  }
}

/** Refusals with their status for HTTP. @throws {CommandRefused} */
async function refused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownLetter) throw new CommandRefused(404, error.message);
    if (error instanceof LetterRefused) throw new CommandRefused(409, error.message);
    if (error instanceof IngestUnavailable) throw new CommandRefused(503, error.message);
    throw error;
  }
}

/** Tables of readers that skipped the message lack its rows, so a difference to the rebuilt ones is expected. */
async function rebuildReadersOf(stream: string, from: OperationsFrom): Promise<void> {
  const only = projectionsNamed(undefined).flatMap(({ name, stream: read }) => (read.name === stream ? [name] : []));
  if (only.length === 0) return;
  const { failed } = await replay(from, { only, accept: true });
  if (failed[0] !== undefined) throw failed[0].error;
}
