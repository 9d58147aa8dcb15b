import { loadConfig } from '@crunch-node/config';
import {
  type Beside,
  NothingRecorded,
  openBeside,
  PartitionsFixed,
  recordedConfigurations,
  whatIf,
} from '@crunch-node/operations/recompute';
import { aborted, createLogger } from '@crunch-node/service';
import { type Closing, feeds, type Instant } from '@crunch-node/streams';
import { joinEndpoints } from '../endpoints.ts';
import { openLog } from '../open-log.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen } from '../screen.ts';
import { whatIfText } from '../show/what-if.ts';
import { UsageError } from '../up/options.ts';
import { version } from '../version.ts';

export interface WhatIfCommand {
  readonly config: string;
  readonly from?: Instant;
  readonly to?: Instant;
  readonly serve?: boolean;
  readonly port: number;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** The leaderboard under another configuration next to the published one. Production is read, never written. */
export async function runWhatIf(options: WhatIfCommand): Promise<void> {
  const { config: module, from, to, serve, port, json, dataDir } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError(`expected --from to be before --to, received ${from} and ${to}`);
  }
  const screen = createScreen();
  const { config, environment, warnings } = await loadConfig({ env: process.env, cwd: process.cwd(), module });
  for (const warning of warnings) screen.print(`warning: ${warning}`);
  const { CRUNCH_STATE_DIR } = environment.values;
  await runUntilStopped(screen, async (closers, signal) => {
    const endpoints = await joinEndpoints({
      environment,
      dataDir: CRUNCH_STATE_DIR ?? dataDir,
      closers,
      print: screen.print,
    });
    const log = await openLog(endpoints.natsUrl, environment);
    closers.push('connection to the log', () => log.close());
    const active = (await recordedConfigurations(log)).at(-1)?.data;
    if (active === undefined) throw new NothingRecorded();
    if (active.partitions !== config.partitions) throw new PartitionsFixed(active.partitions, config.partitions);
    const last = ((await log.last(feeds, feeds.closingSubject()))?.event as Closing | undefined)?.at ?? '';
    const beside: Beside | undefined = serve
      ? await openBeside({
          config,
          port,
          version: version(),
          logger: createLogger('warn'),
          closers,
          print: screen.print,
        })
      : undefined;
    const bar = screen.progress('{cycle}');
    let [begin, newest] = [Number.NaN, ''];
    const found = await whatIf(log, {
      config,
      pace: active.pace,
      signal,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      async onRecomputed(by, { end }, events) {
        await beside?.append(by, events);
        if (end <= newest) return;
        newest = end;
        if (Number.isNaN(begin)) begin = Date.parse(end) - 1;
        bar.update(Date.parse(end) - begin, Date.parse(to ?? last) - begin, { cycle: end.slice(0, 16) });
      },
    });
    bar.end();
    screen.result(json ? JSON.stringify(found) : whatIfText(found));
    if (beside === undefined) return;
    screen.result(`\n  served at ${await beside.show(log)} until you stop it`);
    await aborted(signal);
  });
}
