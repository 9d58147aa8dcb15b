export interface PeerSeries {
  readonly name: string;
  /** by the index of `predictions`; not finite where the peer said nothing usable */
  readonly predictions: ArrayLike<number>;
}
