import type { TournamentCompetition } from '@crunch-node/domain';
import type { Publisher } from '@crunch-node/eventlog';
import type { FeedReports, LiveProvider } from '@crunch-node/feeds';
import { handleCommands, together } from '@crunch-node/service';
import { addSeconds, FeedsCycleClosed, instantOfMicros, instantOfMillis } from '@crunch-node/streams';
import { boundaryAtOrAfter, boundaryBefore } from './closing.ts';
import { count, feedPublisher } from './feed-publisher.ts';
import type { IngestContext } from './ingest-context.ts';
import { LiveOrder } from './live-order.ts';
import { roundCommands } from './round-commands.ts';
import { RoundsWriter } from './rounds-writer.ts';

/**
 * Without a feed: closes cycles by the clock, forwards each closing into ROUNDS, and records the rounds requested by
 * command. One writer does both, one operation at a time, so the position of a request among the closings of ROUNDS
 * fixes its cycle for ever.
 */
export async function runTournament(
  context: IngestContext<LiveProvider> & { readonly config: TournamentCompetition },
  publisher: Publisher,
  reports: FeedReports,
): Promise<void> {
  const { log, writer, config, configHash, clock, guard, logger, vitals } = context;
  const { cycle_seconds } = config;
  const rounds = await RoundsWriter.open(log, publisher);
  const order = new LiveOrder({
    subjects: [],
    cycleSeconds: cycle_seconds,
    latenessSeconds: 0,
    closedTo: writer.closedTo,
    origin: boundaryBefore(instantOfMillis(clock.nowMs()), cycle_seconds),
    resumedAtMs: 0,
    quietMicros: 0,
  });
  const feedsPublisher = feedPublisher(context, reports);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  /** @returns when there is more to do */
  async function closeDue(): Promise<number> {
    for (;;) {
      const step = order.next(clock.nowMs());
      if (step.kind === 'wait') return step.untilMs;
      if (step.kind === 'record') continue; // there is no feed
      await feedsPublisher.closing(step.bounds);
      await writer.settled();
      await rounds.close(FeedsCycleClosed.at(step.bounds.end, { ...step.bounds, config_hash: configHash }));
    }
  }

  const commands = (signal: AbortSignal) =>
    roundCommands({
      config,
      writer: rounds,
      maxPayload: Math.min(config.max_event_bytes ?? Number.POSITIVE_INFINITY, log.capabilities.maxPayload),
      inTurn: (work) =>
        inTurn(async () => {
          await guard.untilActive(signal);
          await closeDue();
          const now = instantOfMicros(clock.nowMicros());
          const open = writer.closedTo === null ? now : addSeconds(writer.closedTo, 1e-6);
          const done = await work(now, boundaryAtOrAfter(now > open ? now : open, cycle_seconds));
          count(vitals, 'commands');
          return done;
        }),
    });

  vitals.detail = 'rounds come by command';
  await together(context.signal, [
    async (signal) => {
      while (!signal.aborted) {
        const untilMs = await inTurn(closeDue);
        await clock.delay(Math.max(0, untilMs - clock.nowMs()), signal).catch(() => undefined);
      }
    },
    (signal) => handleCommands(commands(signal), { log, logger, signal }),
  ]);
}
