export * from './errors.ts';
export type * from './log.ts';
