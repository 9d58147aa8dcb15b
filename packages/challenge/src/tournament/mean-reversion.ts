import { MEDIAN_PRICE } from './median-price.ts';
import { PRICE_PER_SQFT, USUAL_SQFT } from './price-per-square-foot.ts';
import { type Features, TournamentModelBase } from './tournament-model.ts';

/** How far the size may carry the price away from the middle. */
const TRUST_IN_SIZE = 0.6;

/** Between size and the middle: large houses are dearer, but not by as much as their size suggests. */
export class HouseMeanReversion extends TournamentModelBase {
  predict(features: Features) {
    const bySize = this.numberIn(features, 'living_area_sqft', USUAL_SQFT) * PRICE_PER_SQFT;
    return { prediction: MEDIAN_PRICE + TRUST_IN_SIZE * (bySize - MEDIAN_PRICE) };
  }
}
