import { type Features, TournamentModelBase } from './tournament-model.ts';

/** Price of a square foot, and the size assumed for a house without one. */
export const PRICE_PER_SQFT = 182;
export const USUAL_SQFT = 1_750;

/** Size is everything. */
export class PricePerSquareFoot extends TournamentModelBase {
  predict(features: Features) {
    return { prediction: this.numberIn(features, 'living_area_sqft', USUAL_SQFT) * PRICE_PER_SQFT };
  }
}
