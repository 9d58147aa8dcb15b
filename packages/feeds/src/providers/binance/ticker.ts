import { type BinanceContext, type BinanceKind, decimal, noPast } from './kind.ts';
import { observation, observeSubjects } from './observed.ts';

/** Ticks that are the last price, requested at every poll: few records, no ids, no past. */
export function ticker(context: BinanceContext): BinanceKind {
  const { market, rest, clock, reports } = context;
  return {
    history: () => 'the last price has no past at Binance; with tick_source=aggregated ticks have one',
    page: noPast,
    listen: (request, sink, signal) =>
      observeSubjects(context, request, sink, signal, async (key) => {
        const query = { symbol: key.subject };
        const { body } = await rest.get(`${market.api}/ticker/price`, query, market.weights.ticker, signal);
        const { price } = (body ?? {}) as { price?: unknown };
        return observation(key, clock.nowMs(), { price: decimal(price) }, reports);
      }),
  };
}
