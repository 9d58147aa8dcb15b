import { createHash, timingSafeEqual } from 'node:crypto';
import { CrunchError } from '@crunch-node/streams/errors';

/** A key and its tier. Kept as its SHA-256: reading our memory or configuration reveals no key. */
export interface ApiKey {
  /** shown in logs */
  readonly name: string;
  readonly tier: 'read' | 'admin';
  readonly digest: Buffer;
}

/** A key that cannot be used. Its message never contains the key. */
export class BadKey extends CrunchError {
  override readonly name = 'BadKey';
  override readonly code = 'bad_key';
  constructor(which: string, fault: string) {
    super(`${which}: ${fault}`);
  }
}

const HASHED = /^sha256:([0-9a-f]{64})$/i;
/** A key that can be guessed is refused. The single key of `API_KEY` may be shorter: it works, with a warning. */
export const KEY_LENGTH = 16;

export const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** @param text the key, or `sha256:` and the hash of it in hex */
const digestFrom = (text: string): Buffer => {
  const hex = HASHED.exec(text)?.[1];
  return hex === undefined ? digestOf(text) : Buffer.from(hex, 'hex');
};

export const isHashed = (text: string): boolean => HASHED.test(text);

/** The single key of `API_KEY`, which may do everything. */
export const adminKey = (text: string): ApiKey => ({ name: 'API_KEY', tier: 'admin', digest: digestFrom(text) });

/**
 * Of entries such as `dashboard:read:<key>` or `ops:admin:sha256:<hex>`.
 * @throws {BadKey}
 */
export function namedKeys(entries: readonly string[]): ApiKey[] {
  const keys = entries.map((entry, i) => {
    const which = `entry ${i + 1} of API_KEYS`;
    const [, name, tier, key] = /^([\w.-]{1,64}):(read|admin):(.+)$/.exec(entry) ?? [];
    if (name === undefined || key === undefined) {
      throw new BadKey(which, 'expected <name>:<read or admin>:<key, or sha256: and its hash in hex>');
    }
    if (key.startsWith('sha256:') && !isHashed(key)) {
      throw new BadKey(`${which} (${name})`, 'expected 64 hex digits after sha256:');
    }
    if (key.length < KEY_LENGTH) {
      throw new BadKey(
        `${which} (${name})`,
        `expected at least ${KEY_LENGTH} characters, received ${key.length}: openssl rand -hex 32 makes one`,
      );
    }
    return { name, tier: tier as ApiKey['tier'], digest: digestFrom(key) };
  });
  keys.forEach(({ name, digest }, i) => {
    const other = keys.slice(0, i).find((earlier) => earlier.name === name || earlier.digest.equals(digest));
    if (other !== undefined)
      throw new BadKey('API_KEYS', `expected ${other.name} and ${name} to differ in name and key`);
  });
  return keys;
}

/** Finds the key in constant time, whichever it is and however much of it is right. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const digest = digestOf(presented);
  let found: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found ??= key;
  return found;
}
