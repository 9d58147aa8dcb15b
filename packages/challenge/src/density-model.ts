/** A density in the open specification, such as `{ type: 'builtin', name: 'norm', params: { loc: 0, scale: 1 } }`. */
export type DensitySpec = Readonly<Record<string, unknown>>;

/** `[Unix seconds, price]` per asset, oldest first. */
export type PriceData = Readonly<Record<string, readonly (readonly [number, number])[]>>;

/**
 * Base of a model that predicts densities, after the trackers of crunch-synth and condorgame: `tick` is called for
 * every new price, `predictAll` when a prediction is due. Derive from it and implement `predict`.
 */
export abstract class DensityModelBase {
  readonly #prices = new Map<string, PriceData[string]>();

  /** Keeps the newest input per asset. */
  tick(data: PriceData): void {
    for (const [asset, prices] of Object.entries(data)) this.#prices.set(asset, prices);
  }

  /** Of the newest input, oldest first. */
  protected prices(asset: string): PriceData[string] {
    return this.#prices.get(asset) ?? [];
  }

  /** The change of the price over each of the next steps of `step` seconds: one density per step up to the horizon. */
  abstract predict(asset: string, horizon: number, step: number): readonly DensitySpec[];

  /** The same for several resolutions, by step. */
  predictAll(
    asset: string,
    horizon: number,
    steps: readonly number[],
  ): Readonly<Record<string, readonly DensitySpec[]>> {
    const asked = steps.filter((step) => step <= horizon);
    return Object.fromEntries(asked.map((step) => [String(step), this.predict(asset, horizon, step)]));
  }
}

/** As many of one density as the horizon has steps. */
export const eachStep = (horizon: number, step: number, density: DensitySpec): readonly DensitySpec[] =>
  Array.from({ length: Math.floor(horizon / step) }, () => density);

export const builtin = (name: string, params: Readonly<Record<string, number>>): DensitySpec => ({
  type: 'builtin',
  name,
  params,
});

export const mixture = (...parts: readonly (readonly [density: DensitySpec, weight: number])[]): DensitySpec => ({
  type: 'mixture',
  components: parts.map(([density, weight]) => ({ density, weight })),
});
