import { didYouMean } from '@crunch-node/domain';
import { type Pack, packs, rewardRules, type Source, sources } from './choices.ts';
import { metricFaults } from './metric.ts';

export { type Pack, packs, rewardRules, type Source, sources } from './choices.ts';

export interface Answers {
  /** of the folder, the packages and the competition */
  readonly name: string;
  readonly pack: Pack;
  readonly source: Source;
  readonly subjects: readonly string[];
  /** what the source has */
  readonly kind: 'candle' | 'tick';
  readonly granularity: string;
  /** seconds between two rounds of a subject, and from a round to its ground truth */
  readonly interval: number;
  readonly horizon: number;
  /** numbers of an answer, for a custom competition */
  readonly fields: readonly string[];
  readonly direction: 'asc' | 'desc';
  /** hours of scores by which models are ranked */
  readonly window: number;
  /** an expression, or the name of a built-in metric, to rank by in place of the mean score; null: none */
  readonly metric: string | null;
  readonly rewards: (typeof rewardRules)[number];
  /** days between two payments */
  readonly payout: number;
}

/** Answers that are given, each as text or in its own type; others have defaults. */
export type Given = { readonly [Key in keyof Answers]?: unknown };

/** Every fault of the answers at once. */
export class AnswersFault extends Error {
  override readonly name = 'AnswersFault';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds between two records; those of ticks count as one. */
export function secondsOf(granularity: string): number {
  const [, count, unit = ''] = /^([1-9][0-9]*)([smhd])$/.exec(granularity) ?? [];
  return Number(count ?? 1) * (UNIT_SECONDS[unit] ?? 1);
}

/** Defaults depend on what was answered before. */
export function defaultsFor({ pack, source, granularity }: Pick<Answers, 'pack' | 'source' | 'granularity'>) {
  const record = secondsOf(granularity);
  const isForecast = pack === 'density' || pack === 'interval' || pack === 'quantile';
  const pairs = source === 'pyth' ? ['BTC', 'ETH'] : ['BTCUSDT', 'ETHUSDT'];
  return {
    subjects:
      source === 'custom' ? ['HARBOUR'] : ['realtime', 'custom', 'bird'].includes(pack) ? pairs.slice(0, 1) : pairs,
    interval: (isForecast ? 5 : 1) * record,
    horizon: (isForecast ? 15 : pack === 'bird' ? 3 : 2) * record,
    direction: pack === 'quantile' ? 'asc' : 'desc',
  } as const;
}

/** @throws {AnswersFault} */
export function answersFrom(given: Given): Answers {
  const faults: string[] = [];
  const one = <T extends string>(key: keyof Answers, allowed: readonly T[], fallback: T): T => {
    const value = given[key] ?? fallback;
    if (allowed.includes(value as T)) return value as T;
    faults.push(`${key}: expected ${allowed.join(', ')}, received ${shown(value)}${didYouMean(value, allowed)}`);
    return fallback;
  };
  const whole = (key: keyof Answers, least: number, fallback: number): number => {
    const number = Number(given[key] ?? fallback);
    if (Number.isSafeInteger(number) && number >= least && String(given[key] ?? fallback).trim() !== '') return number;
    faults.push(`${key}: expected a whole number, at least ${least}, received ${shown(given[key])}`);
    return fallback;
  };
  const list = (key: keyof Answers, pattern: RegExp, expected: string, fallback: readonly string[]) => {
    const value = given[key] ?? fallback;
    const all = (Array.isArray(value) ? value : String(value).split(',')).map((item) => String(item).trim());
    if (all.length > 0 && all.every((item) => pattern.test(item)) && new Set(all).size === all.length) return all;
    faults.push(`${key}: expected ${expected}, each once, separated by commas, received ${shown(value)}`);
    return fallback;
  };

  const name = String(given.name ?? 'my-challenge');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 50) {
    faults.push(`name: expected lower-case letters, digits and single -, at most 50, received ${shown(name)}`);
  }
  const pack = one('pack', packs, 'realtime');
  const source = one('source', sources, 'binance');
  const kind = one('kind', ['candle', 'tick'], 'candle');
  const granularity = String(given.granularity ?? (kind === 'tick' ? '1s' : '1m'));
  if (!/^[1-9][0-9]*[smhd]$/.test(granularity)) {
    faults.push(`granularity: expected a time such as 1s, 5m or 1h, received ${shown(granularity)}`);
  }
  const defaults = defaultsFor({ pack, source, granularity });
  const answers: Answers = {
    name,
    pack,
    source,
    kind,
    granularity,
    subjects: list('subjects', /^[\w./:-]{1,64}$/, 'subjects such as BTCUSDT', defaults.subjects),
    interval: whole('interval', 1, defaults.interval),
    horizon: whole('horizon', 0, defaults.horizon),
    fields: list('fields', /^[a-z][a-z0-9_]{0,40}$/, 'names such as q10, q50', ['value']),
    direction: one('direction', ['asc', 'desc'], defaults.direction),
    window: whole('window', 1, 24),
    metric:
      given.metric === undefined || given.metric === null || String(given.metric).trim() === ''
        ? null
        : String(given.metric).trim(),
    rewards: one('rewards', rewardRules, 'tiers'),
    payout: whole('payout', 1, 7),
  };
  faults.push(...combinationFaults(answers, given));
  if (answers.metric !== null) faults.push(...metricFaults(answers.metric));
  if (faults.length > 0) throw new AnswersFault(faults);
  return answers;
}

/** What is answered for each question, but does not go together. */
function combinationFaults(
  { pack, source, kind, granularity, interval, horizon, metric, subjects }: Answers,
  given: Given,
): string[] {
  const record = secondsOf(granularity);
  const faults: string[] = [];
  const needsHorizon = pack !== 'tournament' && pack !== 'trading';
  if (needsHorizon && horizon !== 0 && horizon <= record && kind === 'candle') {
    faults.push(`horizon: expected 0, or more than the ${record} seconds of a record, received ${horizon}`);
  }
  if ((pack === 'density' || pack === 'interval' || pack === 'quantile' || pack === 'bird') && horizon === 0) {
    faults.push(`horizon: expected more than 0 for the ${pack} pack, received 0`);
  }
  if ((pack === 'density' || pack === 'interval' || pack === 'bird') && horizon % record !== 0) {
    faults.push(`horizon: expected whole records of ${record} seconds for the ${pack} pack, received ${horizon}`);
  }
  if (pack === 'bird' && subjects.length !== 1) {
    faults.push(`subjects: expected one for the bird pack, which follows one thing, received ${subjects.join(',')}`);
  }
  if (pack === 'bird' && interval !== record) {
    faults.push(`interval: expected the ${record} seconds of a record for the bird pack, received ${interval}`);
  }
  if (metric !== null && (pack === 'trading' || pack === 'tournament')) {
    faults.push(`metric: expected none for the ${pack} pack, which has metrics of its own, received ${shown(metric)}`);
  }
  if (given.fields !== undefined && pack !== 'custom') {
    faults.push(`fields: expected none for the ${pack} pack, whose answers have a form of their own`);
  }
  if (source === 'synthetic' && kind === 'tick')
    faults.push('kind: expected candle of a synthetic source, received tick');
  return faults;
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
