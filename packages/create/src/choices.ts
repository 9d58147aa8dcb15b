/** The design of a competition, as far as a new project asks for it. */
export const packs = [
  'realtime',
  'trading',
  'density',
  'interval',
  'quantile',
  'bird',
  'tournament',
  'custom',
] as const;
export type Pack = (typeof packs)[number];

export const sources = [
  'binance',
  'pyth',
  'rest',
  'websocket',
  'postgres',
  'mongodb',
  'files',
  'custom',
  'synthetic',
] as const;
export type Source = (typeof sources)[number];

export const rewardRules = ['tiers', 'contribution'] as const;
