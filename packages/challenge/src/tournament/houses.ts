/** A house and its price. Invented for the demo. */
export interface House {
  readonly features: {
    readonly living_area_sqft: number;
    readonly lot_sqft: number;
    readonly bedrooms: number;
    readonly bathrooms: number;
    readonly age_years: number;
    readonly centre_km: number;
  };
  readonly price: number;
}

const house = (
  [living_area_sqft, lot_sqft, bedrooms, bathrooms, age_years, centre_km]: readonly [
    number,
    number,
    number,
    number,
    number,
    number,
  ],
  price: number,
): House => ({ features: { living_area_sqft, lot_sqft, bedrooms, bathrooms, age_years, centre_km }, price });

/** Ten houses: small and large, old and new, near and far. */
export const sampleHouses: readonly House[] = [
  house([1_180, 4_300, 2, 1, 48, 6.5], 214_000),
  house([1_640, 5_900, 3, 2, 31, 9.2], 297_500),
  house([2_210, 7_400, 4, 2.5, 12, 14], 402_000),
  house([940, 0, 2, 1, 7, 1.8], 268_000),
  house([3_050, 11_200, 5, 3.5, 5, 19.5], 561_000),
  house([1_420, 5_100, 3, 1.5, 64, 4.1], 271_000),
  house([1_870, 6_600, 3, 2, 22, 11.3], 333_000),
  house([2_640, 9_800, 4, 3, 88, 3.2], 498_000),
  house([1_290, 4_700, 3, 1, 40, 24], 189_000),
  house([2_020, 0, 3, 2.5, 2, 0.9], 545_000),
];
