/**
 * Validators say two things of an answer: what it is a function of, known without making it, and its content. They are
 * weak, since the same answer is sent compressed and not.
 */
const TAG = /^W\/"([\w-]*)\.([\w-]+)"$/;

export const tagOf = (validator: string | null, content: string): string => `W/"${validator ?? ''}.${content}"`;

/** What a client says it has: parsed once per request. */
export interface Known {
  /** the whole tag by what the answer is a function of */
  readonly byValidator: ReadonlyMap<string, string>;
  /** the whole tag by content */
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
  for (const part of header.slice(0, 4_096).split(',')) {
    const tag = part.trim();
    const [, validator, content] = TAG.exec(tag) ?? [];
    if (validator) byValidator.set(validator, tag);
    if (content) byContent.set(content, tag);
  }
  return { byValidator, byContent, any: false };
}
