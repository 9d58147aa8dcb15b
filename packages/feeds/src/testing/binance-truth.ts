import type { FakeBinance, FakeTrade, KlineRow } from './fake-binance-state.ts';
/** A made-up candle, flat at a price. */
export const klineRow = (openMs: number, stepMs: number, price: number): KlineRow => [
  openMs,
  ...Array.from({ length: 4 }, () => price.toFixed(8)),
  '1.00000000',
  openMs + stepMs - 1,
  '0',
  1,
  '0',
  '0',
  '0',
];

/** The frame of a candle that is closed, or still growing. */
export function klineFrame(symbol: string, interval: string, row: KlineRow, closed = true): string {
  const [t, o, h, l, c, v, T] = row;
  const rest = { f: 1, L: 1, n: 1, x: closed, q: '0', V: '0', Q: '0', B: '0' };
  const k = { t, T, s: symbol, i: interval, o, c, h, l, v, ...rest };
  const stream = `${symbol.toLowerCase()}@kline_${interval}`;
  return JSON.stringify({ stream, data: { e: 'kline', E: Number(T) + 1, s: symbol, k } });
}

export const tradeFrame = (symbol: string, { id, price, qty, time }: FakeTrade): string =>
  JSON.stringify({
    stream: `${symbol.toLowerCase()}@trade`,
    data: { e: 'trade', E: time + 1, s: symbol, t: id, p: price, q: qty, T: time, m: true, M: true },
  });

export const aggTradeFrame = (symbol: string, { id, price, qty, time }: FakeTrade): string =>
  JSON.stringify({
    stream: `${symbol.toLowerCase()}@aggTrade`,
    data: { e: 'aggTrade', E: time + 1, s: symbol, a: id, p: price, q: qty, f: id, l: id, T: time, m: true, M: true },
  });

interface Truth {
  readonly status: number;
  readonly body: unknown;
}

const invalidSymbol: Truth = { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
const ok = (body: unknown): Truth => ({ status: 200, body });
const orInvalid = (body: unknown): Truth => (body === undefined ? invalidSymbol : ok(body));

export function binanceTruth(fake: FakeBinance, { pathname, searchParams }: URL): Truth {
  const symbol = searchParams.get('symbol') ?? '';
  const number = (name: string, fallback: number): number => Number(searchParams.get(name) ?? fallback);
  const [start, end] = [number('startTime', 0), number('endTime', Number.POSITIVE_INFINITY)];
  const limit = number('limit', 500);
  const isWithin = (ms: number): boolean => ms >= start && ms <= end;
  switch (pathname.replace(/^\/(api\/v3|fapi\/v1)/, '')) {
    case '/exchangeInfo':
      return ok(exchangeInfo(fake, pathname.startsWith('/fapi')));
    case '/klines':
      return orInvalid(
        fake.klines
          .get(symbol)
          ?.filter(([openMs]) => isWithin(Number(openMs)))
          .slice(0, limit),
      );
    case '/aggTrades':
    case '/historicalTrades': {
      const all = fake.trades.get(symbol);
      if (all === undefined) return invalidSymbol;
      const fromId = searchParams.get('fromId');
      const isLatest = fromId === null && !searchParams.has('startTime');
      const found = all.filter(({ id, time }) => (fromId === null ? isWithin(time) : id >= Number(fromId)));
      const page = isLatest ? found.slice(-limit) : found.slice(0, limit);
      return ok(pathname.endsWith('aggTrades') ? page.map(aggregated) : page.map(single));
    }
    case '/depth':
      return orInvalid(fake.books.get(symbol));
    case '/ticker/price': {
      const price = fake.prices.get(symbol);
      return orInvalid(price === undefined ? undefined : { symbol, price });
    }
    case '/premiumIndex':
      return orInvalid(fake.funding.get(symbol)?.standing);
    case '/fundingRate':
      return orInvalid(
        fake.funding
          .get(symbol)
          ?.settled.filter(({ fundingTime }) => isWithin(fundingTime))
          .slice(0, limit),
      );
    default:
      return { status: 404, body: {} };
  }
}

const aggregated = ({ id, price, qty, time }: FakeTrade) => ({
  a: id,
  p: price,
  q: qty,
  f: id,
  l: id,
  T: time,
  m: true,
});
const single = ({ id, price, qty, time }: FakeTrade) => ({ id, price, qty, time, isBuyerMaker: true });

function exchangeInfo(fake: FakeBinance, isFutures: boolean) {
  const names = isFutures ? fake.funding.keys() : new Set([...fake.klines.keys(), ...fake.trades.keys()]);
  const symbols = [...names].map((symbol) => ({
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, 3),
    quoteAsset: symbol.slice(3),
    ...(isFutures && { contractType: 'PERPETUAL' }),
  }));
  const rateLimits = [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: isFutures ? 2_400 : 6_000 },
  ];
  return { timezone: 'UTC', serverTime: fake.nowMs, rateLimits, symbols };
}
