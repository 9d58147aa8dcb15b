import { TournamentModelBase } from './tournament-model.ts';

/** What half of all houses are cheaper than. */
export const MEDIAN_PRICE = 315_000;

/** The price in the middle, whatever the house: what a better model has to beat. */
export class MedianPrice extends TournamentModelBase {
  predict() {
    return { prediction: MEDIAN_PRICE };
  }
}
