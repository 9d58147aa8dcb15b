import type { DensitySpec } from './density-model.ts';

export interface BirdPayload {
  /** Unix seconds */
  readonly time: number;
  readonly dove_location: number;
}

/**
 * Base of a model that follows one thing, after the trackers of birdgame: `tick` is called for every new place, `predict`
 * when a density of the place after the horizon is due. It keeps the newest places, since a tick has only one.
 */
export abstract class BirdModelBase {
  static readonly #KEPT = 240;
  readonly #places: BirdPayload[] = [];

  /** A tick of a time that is known already, as after a restart, is passed over. */
  tick(payload: BirdPayload): void {
    const last = this.#places.at(-1);
    if (last !== undefined && payload.time <= last.time) return;
    this.#places.push(payload);
    if (this.#places.length > BirdModelBase.#KEPT) this.#places.shift();
  }

  /** Oldest first. */
  protected get places(): readonly BirdPayload[] {
    return this.#places;
  }

  /** A density of the place. */
  abstract predict(): DensitySpec;
}
