/** Features of one sample, as the competition defines them. */
export type Features = Readonly<Record<string, unknown>>;

export interface TournamentAnswer {
  readonly prediction: number;
}

/**
 * Base of a participant's model in a tournament: there is no feed, each sample is predicted separately. Derive from it
 * and implement `predict`. A model that uses the features alone gives the same predictions in any order of samples.
 */
export abstract class TournamentModelBase {
  abstract predict(features: Features): TournamentAnswer | Promise<TournamentAnswer>;

  /** A feature as a number; the fallback where there is none. */
  protected numberIn(features: Features, name: string, fallback: number): number {
    const value = features[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
  }
}
