/** What the kinds of competitions differ in. A new kind is a case of the union, and the compiler names what it has to decide. */
import type { CrunchConfig } from './crunch-config.ts';

export type CompetitionKind = CrunchConfig['kind'];
export type CompetitionOf<K extends CompetitionKind> = Extract<CrunchConfig, { readonly kind: K }>;

interface CompetitionTraits {
  /** what starts a round: a record of the feed, or a command of the operator */
  readonly roundsBy: 'feed' | 'command';
  /** what models are ranked by: scores of their predictions, or the accounts they trade with */
  readonly ranks: 'scores' | 'accounts';
}

const traits: Readonly<Record<CompetitionKind, CompetitionTraits>> = {
  realtime: { roundsBy: 'feed', ranks: 'scores' },
  trading: { roundsBy: 'feed', ranks: 'accounts' },
  tournament: { roundsBy: 'command', ranks: 'scores' },
};

type OfKind = Pick<CrunchConfig, 'kind'>;

export const hasRoundsByCommand = ({ kind }: OfKind): boolean => traits[kind].roundsBy === 'command';

export const ranksAccounts = ({ kind }: OfKind): boolean => traits[kind].ranks === 'accounts';

/** The case of a competition's kind, called with its configuration: the one switch over kinds. */
export function byKind<R>(
  config: CrunchConfig,
  cases: { readonly [K in CompetitionKind]: (config: CompetitionOf<K>) => R },
): R {
  switch (config.kind) {
    case 'realtime':
      return cases.realtime(config);
    case 'trading':
      return cases.trading(config);
    case 'tournament':
      return cases.tournament(config);
  }
}
