export * from './duck-sql.ts';
export * from './id-text.ts';
export * from './read-time.ts';
