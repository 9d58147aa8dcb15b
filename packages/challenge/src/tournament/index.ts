import { Location } from './location.ts';
import { HouseMeanReversion } from './mean-reversion.ts';
import { MedianPrice } from './median-price.ts';
import { PricePerSquareFoot } from './price-per-square-foot.ts';
import type { TournamentModelBase } from './tournament-model.ts';

const examples: readonly (readonly [name: string, create: () => TournamentModelBase])[] = [
  ['median-price', () => new MedianPrice()],
  ['price-per-square-foot', () => new PricePerSquareFoot()],
  ['mean-reversion', () => new HouseMeanReversion()],
  ['location', () => new Location()],
];

/** Four models that price houses, one of them not all of them. Ids and names are part of every log they appear in. */
export const tournamentExampleModels = examples.map(([model_name, create], index) => ({
  model_id: String(index + 1),
  model_name,
  cruncher_id: `local-${String(index + 1).padStart(4, '0')}`,
  cruncher_name: 'local-dev',
  create,
}));
