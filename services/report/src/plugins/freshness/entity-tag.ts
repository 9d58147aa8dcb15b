/**
 * Validators have two parts: what the response is a function of, known without making it, and its content. They are
 * weak, since the same response is sent compressed and not.
 */
const TAG = /^(?:W\/)?"([\w-]*)\.([\w-]+)"$/;

export const tagOf = (validator: string | null, content: string): string => `W/"${validator ?? ''}.${content}"`;

/**
 * What a client has: parsed once per request. Compared weakly (RFC 9110, 8.8.3.2): a cache between may have taken the `W/`
 * away.
 */
export interface Known {
  /** our tag by what the response is a function of */
  readonly byValidator: ReadonlyMap<string, string>;
  /** our tag by content */
  readonly byContent: ReadonlyMap<string, string>;
  readonly any: boolean;
}

const NOTHING: Known = { byValidator: new Map(), byContent: new Map(), any: false };

/** @param header `If-None-Match`; tags that are not ours match nothing */
export function knownTags(header: string | undefined): Known {
  if (header === undefined) return NOTHING;
  if (header.trim() === '*') return { ...NOTHING, any: true };
  const byValidator = new Map<string, string>();
  const byContent = new Map<string, string>();
  for (const part of header.split(',')) {
    const [, validator = null, content] = TAG.exec(part.trim()) ?? [];
    if (content === undefined) continue;
    const tag = tagOf(validator, content);
    if (validator) byValidator.set(validator, tag);
    byContent.set(content, tag);
  }
  return { byValidator, byContent, any: false };
}
