import type { Instant } from '@crunch-node/streams';

/** The three spellings of a time at the HTTP edge. Six digits of fraction, none when it is zero. */
const spelt = (instant: Instant): string =>
  instant.endsWith('.000000Z') ? instant.slice(0, 19) : instant.slice(0, 26);

/** `2026-11-21T19:07:17.605149Z` */
export const tsZ = (instant: Instant): string => `${spelt(instant)}Z`;
/** `2026-11-21T19:07:17.605149`: UTC without a zone, for charts that append the zone themselves */
export const tsNaive = (instant: Instant): string => spelt(instant);
/** `2026-11-21T19:07:17.605149+00:00` */
export const tsOff = (instant: Instant): string => `${spelt(instant)}+00:00`;

/** Null stays null. */
export const orNull =
  (spell: (instant: Instant) => string) =>
  (instant: Instant | null): string | null =>
    instant === null ? null : spell(instant);

/** The later of two bounds, of which any may be missing. */
export const later = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

/** The earlier of two bounds, of which any may be missing. */
export const earlier = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;
