import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A statement signed by a wallet: that a TLS key acts for a model. */
export interface Delegation {
  /** base64 of JSON with cert_pub, model_id, hotkey, expires_at */
  readonly message: string;
  /** base64, Ed25519 over the bytes of the message */
  readonly signature: string;
  /** base58 */
  readonly wallet: string;
}

export interface ExpectedDelegation {
  readonly wallet: string;
  readonly hotkey: string | null;
  readonly model_id: string;
  /** DER SubjectPublicKeyInfo of the connection's certificate */
  readonly tlsPublicKey: Buffer;
  readonly nowSeconds: number;
}

/** Why a delegation does not make the peer of this connection the model; null: it does. */
export function delegationFault(delegation: Delegation, expected: ExpectedDelegation): string | null {
  if (delegation.wallet !== expected.wallet) {
    return `expected a delegation by wallet ${expected.wallet}, received one by ${shown(delegation.wallet)}`;
  }
  const message = Buffer.from(delegation.message, 'base64');
  const key = walletKey(delegation.wallet);
  if (key === null) return `expected the wallet to be an Ed25519 key in base58, received ${shown(delegation.wallet)}`;
  if (!verify(null, message, key, Buffer.from(delegation.signature, 'base64'))) {
    return 'the signature of the delegation is not that of the wallet';
  }
  let payload: Readonly<Record<string, unknown>>;
  try {
    payload = JSON.parse(message.toString('utf8'));
  } catch {
    return 'expected the delegation to be JSON';
  }
  if (typeof payload !== 'object' || payload === null) return 'expected the delegation to be an object';
  const { cert_pub, model_id, hotkey = null, expires_at } = payload;
  if (typeof cert_pub !== 'string' || !Buffer.from(cert_pub, 'base64').equals(expected.tlsPublicKey)) {
    return 'the delegation is for another key than that of the connection';
  }
  if (model_id !== expected.model_id) return `the delegation is for model ${shown(model_id)}`;
  if (hotkey !== expected.hotkey)
    return `expected hotkey ${shown(expected.hotkey)}, the delegation has ${shown(hotkey)}`;
  if (expires_at !== undefined && expires_at !== null && !(Number(expires_at) > expected.nowSeconds)) {
    return `the delegation has expired at ${shown(expires_at)}`;
  }
  return null;
}

const shown = (value: unknown): string => String(JSON.stringify(value)).slice(0, 100);

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const LONGEST_WALLET = 64;

function walletKey(wallet: string): KeyObject | null {
  const bytes = fromBase58(wallet);
  if (bytes?.length !== 32) return null;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });
}

/** Null for invalid base58. Each leading 1 is a zero byte. */
export function fromBase58(text: string): Buffer | null {
  if (text.length > LONGEST_WALLET || ![...text].every((letter) => ALPHABET.includes(letter))) return null;
  let number = 0n;
  for (const letter of text) number = number * 58n + BigInt(ALPHABET.indexOf(letter));
  const hex = number === 0n ? '' : number.toString(16);
  const zeros = /^1*/.exec(text)![0].length;
  return Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')]);
}

export function toBase58(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)]! + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros === -1 ? bytes.length : zeros) + text;
}
