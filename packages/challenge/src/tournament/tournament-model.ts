/** What a model is shown of one sample: whatever the competition's features are. */
export type Features = Readonly<Record<string, unknown>>;

export interface TournamentAnswer {
  readonly prediction: number;
}

/**
 * Base of a participant's model in a tournament: there is no feed, each sample is asked on its own. Derive from it and
 * implement `predict`. A model that answers from the features alone may be asked in any order.
 */
export abstract class TournamentModelBase {
  abstract predict(features: Features): TournamentAnswer | Promise<TournamentAnswer>;

  /** A feature as a number; the fallback where there is none. */
  protected numberIn(features: Features, name: string, fallback: number): number {
    const value = features[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
  }
}
