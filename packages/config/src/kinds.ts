/** What each kind of competition fills in for an operator, and requires of the rest of the configuration. */
import { byKind, type CommonConfig, type CompetitionKind, type CrunchConfig } from '@crunch-node/domain';
import { metricChecks, rankingFaults } from './ranking-checks.ts';
import type { Check } from './sound-parts.ts';
import { completeTournament, feedChecks, tournamentBase, tournamentChecks, tournamentWarnings } from './tournament.ts';
import { completeTrading, tradingBase, tradingChecks, tradingWarnings } from './trading.ts';

/** The part of a configuration that decides its kind. Rules of a wrong type are left as they are, to be reported. */
export interface GivenRules {
  readonly kind: unknown;
  readonly trading: unknown;
  readonly tournament: unknown;
}

const bases: Readonly<Record<CompetitionKind, (rules: GivenRules, defaults: CommonConfig) => Partial<CommonConfig>>> = {
  realtime: () => ({}),
  trading: ({ trading }) => tradingBase(trading),
  tournament: ({ tournament }, defaults) => tournamentBase(tournament, defaults),
};

const isKind = (kind: unknown): kind is CompetitionKind => Object.hasOwn(bases, String(kind));

/**
 * The rules with their defaults, and the kind that follows from them. A kind without rules has the default ones. Rules
 * decide where both are given: the parts of a complete configuration may be replaced by others.
 */
export function completeRules({ kind, trading, tournament }: GivenRules): GivenRules {
  const given = (name: CompetitionKind, rules: unknown): unknown =>
    rules ?? (rules === undefined && kind === name ? {} : null);
  const complete = {
    trading: completeTrading(given('trading', trading)),
    tournament: completeTournament(given('tournament', tournament)),
  };
  if (kind !== undefined && !isKind(kind)) return { kind, ...complete };
  return { kind: kindOf(complete), ...complete };
}

/** By the rules a configuration has, also of one that was recorded by an earlier release. */
export function kindOf({ trading, tournament }: Pick<GivenRules, 'trading' | 'tournament'>): CompetitionKind {
  if ((tournament ?? null) !== null) return 'tournament';
  return (trading ?? null) === null ? 'realtime' : 'trading';
}

/** Defaults of the rest of the configuration, which follow from the rules. */
export const baseOf = (rules: GivenRules, defaults: CommonConfig): Partial<CommonConfig> =>
  isKind(rules.kind) ? bases[rules.kind](rules, defaults) : {};

interface KindChecks {
  /** how messages name the kind, where an operator's own metrics cannot be computed; null: they can */
  readonly withoutCustomMetrics: string | null;
  /** of the feed, and of the ranking, each read apart: a fault in one hides none of the others */
  readonly feed: readonly Check[];
  readonly ranking: readonly Check[];
  warnings(): string[];
}

/** Requirements of a configuration's kind. */
export const checksOf = (config: CrunchConfig): KindChecks =>
  byKind<KindChecks>(config, {
    realtime: (own) => ({
      withoutCustomMetrics: null,
      feed: feedChecks(own),
      ranking: [() => metricChecks(own), () => rankingFaults(own)],
      warnings: () => [],
    }),
    trading: (own) => ({
      withoutCustomMetrics: 'a trading competition',
      feed: feedChecks(own),
      ranking: tradingChecks(own),
      warnings: () => tradingWarnings(own),
    }),
    tournament: (own) => ({
      withoutCustomMetrics: 'a tournament',
      feed: tournamentChecks(own),
      ranking: [() => metricChecks(own), () => rankingFaults(own)],
      warnings: () => tournamentWarnings(own),
    }),
  });
