import { PRICE_PER_SQFT, USUAL_SQFT } from './price-per-square-foot.ts';
import { type Features, TournamentModelBase } from './tournament-model.ts';

/** Dearer than elsewhere in the very centre by so much, and half of that every so many kilometres. */
const CENTRE_PREMIUM = 0.5;
const HALVED_EVERY_KM = 4;
/** A house from further back is another trade. */
const OLDEST_YEARS = 60;

/** Uses size and distance to the centre. Raises for old houses, so its predictions for those fail. */
export class Location extends TournamentModelBase {
  predict(features: Features) {
    const age = this.numberIn(features, 'age_years', 0);
    if (age > OLDEST_YEARS) throw new RangeError(`expected a house of at most ${OLDEST_YEARS} years, received ${age}`);
    const bySize = this.numberIn(features, 'living_area_sqft', USUAL_SQFT) * PRICE_PER_SQFT;
    const premium = CENTRE_PREMIUM * 2 ** (-this.numberIn(features, 'centre_km', 10) / HALVED_EVERY_KM);
    return { prediction: bySize * (1 + premium) };
  }
}
