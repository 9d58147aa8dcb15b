export * from './feeds/index.ts';
export * from './streams/index.ts';
