export * from './granularity.ts';
export * from './normalisers/index.ts';
export * from './provider.ts';
export * from './providers/index.ts';
export { describeReplayData, NoReplayData, type ReplaySource } from './providers/replay/index.ts';
export * from './record.ts';
export * from './registry.ts';
export * from './validate-record.ts';
export * from './window.ts';
