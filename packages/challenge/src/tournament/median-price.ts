import { TournamentModelBase } from './tournament-model.ts';

/** The median price of all houses. */
export const MEDIAN_PRICE = 315_000;

/** The median price for every house: the baseline for better models. */
export class MedianPrice extends TournamentModelBase {
  predict() {
    return { prediction: MEDIAN_PRICE };
  }
}
