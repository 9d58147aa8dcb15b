/** Names of the providers this system comes with, apart from what they need: help is printed without a driver. */
export const replayingProviders = ['replay', 'synthetic'] as const;
export const liveProviders = ['binance', 'files', 'mongodb', 'postgres', 'pyth', 'rest', 'websocket'] as const;
/** `none` is for tournaments, and cannot be chosen as a feed. */
export const providerNames = [...replayingProviders, ...liveProviders, 'none'] as const;
export type ProviderName = (typeof providerNames)[number];
