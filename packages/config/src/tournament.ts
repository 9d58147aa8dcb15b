/** The part of a configuration that makes it a tournament: its defaults, schema and requirements. */
import type { CommonConfig, TournamentCompetition, TournamentConfig } from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import { shown } from './config-error.ts';
import { type SchemaFault, schemaFaultsAt } from './schema-faults.ts';
import type { Check } from './sound-parts.ts';

export type DefinedTournament = Partial<TournamentConfig>;

/** The provider of a competition without a feed. */
const NO_FEED = 'none';

const defaultTournament: TournamentConfig = { max_samples: 1_000 };

const TournamentSchema = Type.Object(
  { max_samples: Type.Integer({ minimum: 1, maximum: 10_000, expected: 'a whole number from 1 to 10000' }) },
  { additionalProperties: false },
);

/** Fills in defaults. A value that is no object is left as it is: its fault is reported later. */
export const completeTournament = (given: unknown): unknown =>
  isPlain(given) ? { ...defaultTournament, ...given } : given;

/**
 * Defaults of the rest of a tournament's configuration; nothing for other competitions. Samples are no time series, so
 * there are no metrics over them.
 */
export function tournamentBase(tournament: unknown, { feed }: CommonConfig): Partial<CommonConfig> {
  if (!isPlain(tournament)) return {};
  return {
    feed: { ...feed, provider: NO_FEED, subjects: [] },
    call_method: { method: 'predict', args: [{ name: 'features', type: 'JSON' }] },
    scheduled_predictions: [],
    metrics: [],
    lateness_seconds: 0,
    cycle_seconds: 10,
  };
}

export function tournamentFaults(tournament: unknown): SchemaFault[] {
  if (tournament === null) return [];
  if (isPlain(tournament)) return schemaFaultsAt(TournamentSchema, tournament, 'tournament.');
  return [
    {
      path: 'tournament',
      text: `tournament: expected the rules of a tournament or null, received ${shown(tournament)}`,
      isUnknownKey: false,
    },
  ];
}

/** Rounds that follow a feed need one. */
export const feedChecks = (config: CommonConfig): readonly Check[] => [
  () =>
    config.feed.provider === NO_FEED
      ? [`feed.provider: expected a provider, received ${shown(NO_FEED)}, which is for tournaments`]
      : [],
  () =>
    config.feed.subjects.length === 0 ? ['feed.subjects: expected a list of at least one subject, received none'] : [],
];

/** Rounds are started by command: settings of rounds that follow a feed are refused. */
export function tournamentChecks(config: TournamentCompetition): readonly Check[] {
  const expected = (path: string, what: string, received: unknown): string =>
    `${path}: expected ${what} in a tournament, received ${shown(received)}`;
  return [
    () => (config.feed.provider === NO_FEED ? [] : [expected('feed.provider', `"${NO_FEED}"`, config.feed.provider)]),
    () =>
      config.metrics.length === 0
        ? []
        : [expected('metrics', 'none (samples are no time series)', [...config.metrics])],
    () => {
      const names = config.ensembles.map(({ name }) => name);
      return names.length === 0 ? [] : [expected('ensembles', 'none', names)];
    },
    // A definition may have both, whatever its type is.
    () => (config.trading === null ? [] : [expected('trading', 'null', config.trading)]),
  ];
}

/** Without a feed, schedules never start a round. */
export const tournamentWarnings = ({ scheduled_predictions }: TournamentCompetition): string[] =>
  scheduled_predictions.length > 0
    ? ['scheduled_predictions: never asked, since the rounds of a tournament come by command']
    : [];

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
