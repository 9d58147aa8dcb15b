import { createHash } from 'node:crypto';
import { type CrunchConfig, canonicalJson } from '@crunch-node/domain';
import type { Json, JsonObject } from '@crunch-node/streams';

/**
 * The serialisable part of a configuration: functions as their names, schemas as JSON schema. The options of the feed
 * are left out, and so is the code of an operator's provider: paths differ from machine to machine, and options may
 * hold keys. The kind is left out as well, since it follows from `trading` and `tournament`.
 */
export function serialisablePart(config: CrunchConfig): JsonObject {
  const { options: _options, factory: _factory, ...feed } = config.feed;
  const { kind: _kind, ...parts } = config;
  return plain({ ...parts, feed }) as JsonObject;
}

/**
 * SHA-256 of the configuration: its serialisable part, and, since functions are code, the text of the module it came
 * from.
 */
export const configHash = (config: CrunchConfig, moduleText = ''): string =>
  createHash('sha256')
    .update(canonicalJson(serialisablePart(config)))
    .update('\n')
    .update(moduleText)
    .digest('hex');

/** The whole configuration for people: as {@link serialisablePart}, with the feed's options, secrets masked. */
export const describeConfig = (config: CrunchConfig): JsonObject => ({
  ...serialisablePart(config),
  feed: { ...(serialisablePart(config).feed as JsonObject), options: masked(config.feed.options) },
});

/** JSON text drops what has no JSON form, symbols of schemas included. */
const plain = (value: unknown): Json =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'function' ? `<function ${part.name || 'anonymous'}>` : part,
    ),
  ) as Json;

const SECRET = /key|secret|token|password|uri|^header_/i;
const CREDENTIALS = /\/\/[^/@\s]+@/;

const masked = (options: Readonly<Record<string, string>>): JsonObject =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      SECRET.test(name) ? '***' : value.replace(CREDENTIALS, '//***@'),
    ]),
  );
