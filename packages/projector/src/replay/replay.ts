import type { EventLog } from '@crunch-node/eventlog';
import { isDiskFull } from '@crunch-node/postgres';
import { createReadModel, type Projection } from '@crunch-node/projections';
import {
  createGenerations,
  type Dependent,
  listGenerations,
  nextSchemaOf,
  openOneConnection,
  previousSchemaOf,
} from '@crunch-node/projections/generations';
import { codeFingerprint, type Logger } from '@crunch-node/service';
import type { Namespace } from '@crunch-node/streams';
import type { QueryExecutorProvider } from 'kysely';
import { createPositions, listPositions } from '../position/position.ts';
import { projectionsNamed } from '../projections-named.ts';
import { build, follow } from './build.ts';
import { type Claim, claimReplay } from './claim.ts';
import { type Compared, compare, type ServedStanding, standingOf } from './compare.ts';
import { exchange } from './exchange.ts';
import { NothingKept, ReplayClaimLost, ReplayOutOfRoom } from './faults.ts';
import { drop, dropExpired } from './keep.ts';
import type { ReplayPoint, ReplayProgress, ReplayRun } from './replay-run.ts';

export interface ReplayContext {
  readonly log: EventLog;
  /** an address as `parseAddress` reads it; three connections are used at once */
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** interruption points for tests */
  readonly onPoint?: (point: ReplayPoint) => Promise<void> | void;
}

export interface ReplayOptions {
  /** default all */
  readonly only?: readonly string[];
  /** switch also to rows that differ from the served ones although the code should make the same */
  readonly accept?: boolean;
  /** how long the outgoing generation can be restored; null: until it is dropped manually; default a day */
  readonly keepSeconds?: number | null;
  /** how long to wait for readers that hold the tables, default 10 minutes */
  readonly patienceMs?: number;
  /** other projections, for tests */
  readonly projections?: readonly Projection[];
  /** hash of the code, default a hash of its sources */
  readonly fingerprint?: string;
}

export interface Replayed {
  readonly compared: readonly Compared[];
  readonly switched: readonly string[];
  /** their rows differ: the built generation is kept, and `accept` switches to it */
  readonly refused: readonly string[];
  readonly failed: readonly { readonly projection: string; readonly error: Error }[];
  /** foreign views that continue to read the outgoing tables */
  readonly left: readonly Dependent[];
}

/** The packages that rows depend on, in addition to the log. */
const PACKAGES = ['streams', 'domain', 'config', 'projections'];
const DAY_SECONDS = 86_400;
/** Up to so many messages are handled while writers are blocked: some hundredths of a second. */
const FEW_EVENTS = 2_000;

/**
 * Builds the next generation of read models from the start of their streams next to the served one, compares the two,
 * and exchanges them. Interrupted at any moment, the next call continues; nothing is visible outside until the one
 * transaction that switches.
 * @throws {ReplayRunning} {ReplayClaimLost} {ReplayOutOfRoom} {SwitchBlocked} {UnknownProjection}
 */
export async function replay(context: ReplayContext, options: ReplayOptions = {}): Promise<Replayed> {
  const { only, accept = false, keepSeconds = DAY_SECONDS, patienceMs } = options;
  const projections = options.projections ?? projectionsNamed(only);
  const fingerprint = options.fingerprint ?? codeFingerprint(PACKAGES);
  return claimed(context, projections, fingerprint, async (run) => {
    const failed: { projection: string; error: Error }[] = [];
    const standings = new Map<string, ServedStanding>();
    const built: Projection[] = [];
    const aims = await aimsOf(run, standings);
    const progress = totalled(run, aims);
    for (const projection of projections) {
      try {
        await build(progress.of(projection), projection, aims.get(projection.name) ?? 0);
        built.push(projection);
      } catch (error) {
        if (run.signal.aborted || isDiskFull(error)) {
          await giveBack(run, projection);
          throw run.signal.aborted ? run.signal.reason : error;
        }
        failed.push({ projection: projection.name, error: error as Error });
      }
    }
    const compared = await compare(run, standings, built);
    const isRefused = ({ incomparable, tables }: Compared): boolean =>
      !accept && (incomparable.startsWith('the log') || (incomparable === '' && tables.some(({ differs }) => differs)));
    const refused = compared.filter(isRefused).map(({ projection }) => projection);
    const ready = built.filter(({ name }) => !refused.includes(name));

    let left: readonly Dependent[] = [];
    if (ready.length > 0) {
      left = await exchange(run, ready, {
        from: 'next',
        keepSeconds,
        ...(patienceMs !== undefined && { patienceMs }),
        before: async () => {
          await catchUp(run, ready);
          await run.reached('caught up');
        },
        ready: (trx) => level(run, ready, trx),
      });
    }
    const switched = ready.map(({ name }) => name);
    const kept = { db: run.session.db, schema: run.schema };
    if (keepSeconds === 0)
      await drop(kept, ({ slot, projection }) => slot === 'previous' && switched.includes(projection));
    return { compared, switched, refused, failed, left };
  });
}

/**
 * Restores the previous generation at once; it then catches up by itself. The outgoing one is kept in turn.
 * @throws {NothingKept} {ReplayRunning} {SwitchBlocked}
 */
export async function rollBack(
  context: ReplayContext,
  { only, keepSeconds = DAY_SECONDS, patienceMs, projections: given }: ReplayOptions = {},
): Promise<readonly string[]> {
  const named = given ?? projectionsNamed(only);
  return claimed(context, named, '', async (run) => {
    const kept = (await listGenerations(run.session.db, run.schema)).filter(({ slot }) => slot === 'previous');
    const isKept = ({ name }: Projection): boolean => kept.some(({ projection }) => projection === name);
    const projections = named.filter(isKept);
    if (projections.length === 0 || (only !== undefined && projections.length < named.length))
      throw new NothingKept(only === undefined ? [] : named.filter((one) => !isKept(one)).map(({ name }) => name));
    await exchange(run, projections, {
      from: 'previous',
      keepSeconds,
      ...(patienceMs !== undefined && { patienceMs }),
    });
    return projections.map(({ name }) => name);
  });
}

async function claimed<T>(
  { log, databaseUrl: url, namespace, logger, signal, onProgress, onPoint }: ReplayContext,
  projections: readonly Projection[],
  fingerprint: string,
  work: (run: ReplayRun) => Promise<T>,
): Promise<T> {
  const { schema } = namespace;
  const over = new AbortController();
  const applicationName = 'crunch-node replay';
  const lost = (error: Error) => over.abort(error instanceof ReplayClaimLost ? error : new ReplayClaimLost(error));
  const claimant = openOneConnection({ url, applicationName, onLost: lost });
  const session = openOneConnection({ url, applicationName, onLost: lost });
  const builder = openOneConnection({ url, applicationName, asynchronousCommit: true });
  let progress: ReplayProgress = { phase: 'building', detail: '', done: 0, total: 0 };
  const run: ReplayRun = {
    log,
    session,
    builder,
    schema,
    projections,
    fingerprint,
    logger,
    signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
    report(change) {
      progress = { ...progress, ...change };
      onProgress?.(progress);
    },
    waited(reason) {
      if (isDiskFull(reason)) over.abort(new ReplayOutOfRoom(reason));
    },
    reached: async (point) => onPoint?.(point),
  };
  let claim: Claim | undefined;
  try {
    claim = await claimReplay(claimant, schema, lost);
    await createReadModel(session.db, schema);
    for (const each of [schema, nextSchemaOf(schema), previousSchemaOf(schema)])
      await createPositions(session.db, each);
    await session.db.transaction().execute((trx) => createGenerations(trx, schema));
    await dropExpired({ db: session.db, schema });
    return await work(run);
  } catch (error) {
    throw isDiskFull(error) ? new ReplayOutOfRoom(error) : error;
  } finally {
    await claim?.release().catch(() => undefined); // released with its connection in any case
    await Promise.all([claimant.close(), session.close(), builder.close()]);
  }
}

/**
 * How far each is built before it is compared: to the position of the served rows when they are comparable, else to the
 * end of the log.
 */
async function aimsOf(run: ReplayRun, standings: Map<string, ServedStanding>): Promise<ReadonlyMap<string, number>> {
  const aims = new Map<string, number>();
  for (const projection of run.projections) {
    const standing = await standingOf(run, projection);
    standings.set(projection.name, standing);
    const { lastSequence } = await run.log.info(projection.stream);
    aims.set(projection.name, standing.incomparable === '' ? (standing.position?.sequence ?? 0) : lastSequence);
  }
  return aims;
}

/** Served rows need the space more than an unfinished generation. */
async function giveBack({ session, schema, signal }: ReplayRun, { name }: Projection): Promise<void> {
  if (signal.aborted && !(signal.reason instanceof ReplayOutOfRoom)) return;
  await drop({ db: session.db, schema }, ({ slot, projection }) => slot === 'next' && projection === name).catch(
    () => undefined, // Postgres may be unavailable: the earlier error is the one to report
  );
}

/** Progress of all projections together, whichever is being built. */
function totalled(run: ReplayRun, aims: ReadonlyMap<string, number>): { of(projection: Projection): ReplayRun } {
  const total = [...aims.values()].reduce((sum, aim) => sum + aim, 0);
  const done = new Map<string, number>();
  return {
    of: ({ name }) => ({
      ...run,
      report({ done: sequence, ...change }) {
        if (sequence !== undefined) done.set(name, sequence);
        run.report({
          phase: 'building',
          ...change,
          done: [...done.values()].reduce((sum, one) => sum + one, 0),
          total,
        });
      },
    }),
  };
}

/** To the end of the log. */
async function catchUp(run: ReplayRun, projections: readonly Projection[]): Promise<void> {
  run.report({ phase: 'catching up', detail: '' });
  for (const projection of projections)
    await follow(run, projection, (await run.log.info(projection.stream)).lastSequence);
}

/**
 * While writers are blocked: the built generation must not be behind the served one when it replaces it.
 * @returns false when too much is missing to keep writers blocked
 */
async function level(run: ReplayRun, projections: readonly Projection[], trx: QueryExecutorProvider): Promise<boolean> {
  const read = await listPositions(trx, run.schema);
  const built = await listPositions(trx, nextSchemaOf(run.schema));
  for (const projection of projections) {
    const isOurs = ({ projection: name }: { projection: string }): boolean => name === projection.name;
    const [current, next] = [read.find(isOurs), built.find(isOurs)];
    if (current === undefined || current.created !== next?.created || current.sequence <= next.sequence) continue;
    if (current.sequence - next.sequence > FEW_EVENTS) return false;
    // A log that lost its end has no more events, even if the rows include some of them.
    const { lastSequence } = await run.log.info(projection.stream);
    await follow(run, projection, Math.min(current.sequence, lastSequence));
  }
  return true;
}
