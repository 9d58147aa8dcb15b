export * from './feeds/index.ts';
