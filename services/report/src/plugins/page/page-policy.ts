import { frameAncestors } from '../security/page-headers.ts';

/** Of the web page: nothing inline, nothing from elsewhere. What scripts set through the style object is no inline style. */
export const pagePolicy = (frameOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    frameAncestors(frameOrigins),
  ].join('; ');
