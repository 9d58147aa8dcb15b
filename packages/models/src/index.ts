export type * from './pool.ts';
