/** A price feed of Pyth. */
export interface PriceFeed {
  /** 64 hexadecimal digits in lower case, without 0x */
  readonly id: string;
  /** its name in the history service, such as Crypto.BTC/USD; unknown for a feed given by its id alone */
  readonly symbol?: string;
}

/** Known without a request. */
export const wellKnownFeeds: Readonly<Record<string, PriceFeed>> = {
  BTC: { id: 'e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43', symbol: 'Crypto.BTC/USD' },
  ETH: { id: 'ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace', symbol: 'Crypto.ETH/USD' },
  SOL: { id: 'ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d', symbol: 'Crypto.SOL/USD' },
  XAU: { id: '765d2ba906dbc32ca17cc11f5310a89e9ee1f6420508c63861f2f8ba4ee34bb2', symbol: 'Metal.XAU/USD' },
};

/** An id however it is written, or null when it is none. */
export function feedIdOf(text: string): string | null {
  const id = text.trim().toLowerCase().replace(/^0x/, '');
  return /^[0-9a-f]{64}$/.test(id) ? id : null;
}

const OPTION = 'feed_id_';

/** Names of the options that give a subject its feed, with the subject each is about. */
export const feedIdOptions = (names: readonly string[]): (readonly [option: string, subject: string])[] =>
  names
    .filter((name) => name.startsWith(OPTION) && name.length > OPTION.length)
    .map((name) => [name, name.slice(OPTION.length).toUpperCase()]);
