export interface PeerSeries {
  readonly name: string;
  /** by the index of `predictions`; not finite where the peer had no usable prediction */
  readonly predictions: ArrayLike<number>;
}
