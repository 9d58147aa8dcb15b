/** One candle of a model's input. `ts`: Unix seconds at which it opened. */
export interface Candle {
  readonly ts: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** One price of a model's input. `ts`: Unix seconds. */
export interface Tick {
  readonly ts: number;
  readonly price: number;
}

/**
 * Input of `feedUpdate`: the newest records of one subject, oldest first. `asof_ts` is the `ts` of the last one, 0 when
 * there is none. Candles come under `candles_1m` whatever their length.
 */
export interface ModelInput {
  readonly symbol: string;
  readonly asof_ts: number;
  readonly candles_1m?: readonly Candle[];
  readonly ticks?: readonly Tick[];
}

/** A prediction: more than 0 for a rise, less for a fall; the distance from 0, up to 1, is the confidence. */
export interface ModelOutput {
  readonly value: number;
}

/** A prediction in a trading competition: how much of the asset to buy or to sell, in units of capital. */
export interface TradingOrder {
  readonly action: 'buy' | 'sell';
  /** 0: nothing */
  readonly amount: number;
}

/**
 * Base of a participant's model; `Answer` is the type of predictions in the competition. Derive from it and implement
 * `predict`.
 *
 * `feedUpdate` is called for every new record, `predict` when a prediction is due. A model whose predictions depend on
 * the last input and the arguments alone repeats them when history is replayed.
 */
export abstract class ModelBase<Answer = ModelOutput> {
  /**
   * Set it to true where predictions depend on the latest input of each symbol and the arguments alone: backtests then ask
   * about several stretches of the history at once.
   */
  readonly stateless: boolean = false;
  readonly #latest = new Map<string, ModelInput>();

  /** Aborted when the caller has stopped waiting for the call in progress: stop long work then. */
  protected cancelled: AbortSignal = new AbortController().signal;

  /** Called by the runner before each call. */
  beginCall(cancelled: AbortSignal): void {
    this.cancelled = cancelled;
  }

  /** Keeps the newest input per symbol. */
  feedUpdate(data: ModelInput): void {
    this.#latest.set(data.symbol, data);
  }

  /** The older name of `feedUpdate`. */
  tick(data: ModelInput): void {
    this.feedUpdate(data);
  }

  /** The newest input of a symbol, or null before the first one. */
  protected latest(symbol: string): ModelInput | null {
    return this.#latest.get(symbol) ?? null;
  }

  /** Closing prices of the newest input, oldest first; ticks count as prices of their own. */
  protected closes(symbol: string): readonly number[] {
    const input = this.latest(symbol);
    return input?.candles_1m?.map(({ close }) => close) ?? input?.ticks?.map(({ price }) => price) ?? [];
  }

  /**
   * A prediction for `subject` in `resolveHorizonSeconds`, or an order.
   *
   * @param subject symbol as in the input
   * @param stepSeconds length of a step, as configured by the competition
   */
  abstract predict(subject: string, resolveHorizonSeconds: number, stepSeconds: number): Answer | Promise<Answer>;
}
