/** Fills the archive of feed records from the past of its providers. */
export { type PageRetries, PageUnavailable } from './fetch-page.ts';
export type { ProviderOf } from './provider-of.ts';
export { type BackfillOptions, startBackfill } from './start.ts';
