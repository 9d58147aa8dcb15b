/** What providers of rows (databases, files, web services) have in common: fields, times, paging, following. */
export * from './delivery.ts';
export * from './field-path.ts';
export * from './follow-pages.ts';
export * from './listed.ts';
export * from './plain-json.ts';
export * from './poll.ts';
export * from './recent.ts';
export * from './row.ts';
export * from './tie-safe-page.ts';
export * from './time-unit.ts';
