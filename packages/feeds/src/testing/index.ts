/** Servers of data providers as tests need them: real sockets on free ports of this machine, true or misbehaving. */

export * from './fake-binance.ts';
export type { FakeBinance } from './fake-binance-state.ts';
export * from './fake-hermes.ts';
export * from './fake-mongo.ts';
export * from './fake-rest.ts';
export * from './fuzz-rows.ts';
export type { Instead } from './misbehaviour.ts';
