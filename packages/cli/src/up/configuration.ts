import { resolve } from 'node:path';
import {
  birdDemoPackFor,
  type CrunchDefinition,
  demoPackFor,
  densityDemoPackFor,
  intervalDemoPackFor,
  type LoadedConfig,
  loadConfig,
  quantileDemoPackFor,
  type RawEnvironment,
  tournamentDemoPack,
  tradingDemoPackFor,
} from '@crunch-node/config';
import type { FeedSettings } from '@crunch-node/domain';
import { describeReplayData } from '@crunch-node/feeds';
import type { JsonObject } from '@crunch-node/streams';
import { type DemoPack, demoPacks, type UpOptions, UsageError } from './options.ts';

/** The configuration `up` runs with: the demo's or the operator's, the environment over it, the options over both. */
export async function configurationOf(options: UpOptions, env: RawEnvironment, cwd: string): Promise<LoadedConfig> {
  return loadConfig({
    env: withOptions(env, options, cwd),
    cwd,
    ...(options.config === undefined ? {} : { module: options.config }),
    ...(options.demo ? { pack: { name: 'demo', definition: await demoDefinition(options, cwd) } } : {}),
  });
}

/** Options take precedence over the environment variables they correspond to. */
function withOptions(env: RawEnvironment, options: UpOptions, cwd: string): RawEnvironment {
  const { feed, data = [], days, speed, seed, start, port } = options;
  return {
    ...env,
    ...(feed === undefined ? {} : { FEED_PROVIDER: feed, FEED_SOURCE: undefined }),
    ...(data.length === 0 ? {} : { FEED_OPT_data: data.map((path) => resolve(cwd, path)).join(',') }),
    ...(days === undefined ? {} : { FEED_OPT_days: String(days) }),
    ...(speed === undefined ? {} : { FEED_OPT_speed: speed }),
    ...(seed === undefined ? {} : { FEED_OPT_seed: seed }),
    ...(start === undefined ? {} : { FEED_OPT_start: start }),
    ...(port === undefined ? {} : { REPORT_API_PORT: String(port) }),
  };
}

const packFor: Readonly<
  Record<Exclude<DemoPack, 'tournament'>, (subjects: readonly string[], granularity: string) => CrunchDefinition>
> = {
  realtime: demoPackFor,
  trading: tradingDemoPackFor,
  density: densityDemoPackFor,
  interval: intervalDemoPackFor,
  bird: birdDemoPackFor,
  quantile: quantileDemoPackFor,
};

/** The demo has the subjects of recorded data; without it two assets with minute candles. */
async function demoDefinition(
  { data = [], feed, pack = 'realtime' }: UpOptions,
  cwd: string,
): Promise<CrunchDefinition> {
  if (pack === 'tournament') return tournamentDemoPack;
  if (data.length === 0) return packFor[pack](feed === 'pyth' ? ['BTC', 'ETH'] : ['BTCUSDT', 'ETHUSDT'], '1m');
  const unreadable: string[] = [];
  // A file that cannot be read is rejected by the replay, so the demo has the subjects of the others.
  const sources = await describeReplayData(
    data.map((path) => resolve(cwd, path)),
    { source: 'replay', kind: 'candle' },
    (_, { message }) => unreadable.push(message),
  );
  const candles = sources.map(({ key }) => key).filter(({ kind }) => kind === 'candle');
  const granularities = [...new Set(candles.map(({ granularity }) => granularity))];
  const [granularity] = granularities;
  if (granularity === undefined) {
    const where = unreadable.length === 0 ? ` in ${data.join(', ')}` : '';
    throw new UsageError([`expected candles${where}, found none`, ...unreadable].join('; '));
  }
  if (granularities.length > 1) {
    throw new UsageError(
      `expected candles of one granularity, found ${granularities.join(', ')}: name the files of one`,
    );
  }
  return packFor[pack]([...new Set(candles.map(({ subject }) => subject))], granularity);
}

/**
 * The options of `up` that make a running configuration, where it is one of the demo's; null: it is none.
 * @param running as it was activated
 */
export async function demoOptionsOf(
  running: { readonly hash: string; readonly config: JsonObject },
  env: RawEnvironment,
  cwd: string,
): Promise<string | null> {
  const { provider, subjects, granularity } = (running.config.feed ?? {}) as Partial<FeedSettings>;
  const feed = provider === undefined || provider === 'none' ? undefined : provider;
  for (const pack of demoPacks) {
    const definition = pack === 'tournament' ? tournamentDemoPack : packFor[pack](subjects ?? [], granularity ?? '1m');
    const chosen = pack === 'tournament' ? {} : { FEED_PROVIDER: feed, FEED_SOURCE: undefined };
    const hash = await loadConfig({ env: { ...env, ...chosen }, cwd, pack: { name: 'demo', definition } }).then(
      (loaded) => loaded.hash,
      () => null, // a pack that does not take this feed
    );
    if (hash !== running.hash) continue;
    const data = feed === 'replay' ? ' --data FILE' : '';
    return `--demo${pack === 'realtime' ? '' : ` --pack ${pack}`}${pack === 'tournament' || feed === undefined ? '' : ` --feed ${feed}${data}`}`;
  }
  return null;
}
