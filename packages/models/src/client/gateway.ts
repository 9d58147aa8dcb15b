import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import type { RunnerCredentials } from './runner-credentials.ts';

/** `key.pem` is missing, unreadable, or no RSA key. */
export class UnusableKey extends CrunchError {
  override readonly name = 'UnusableKey';
  override readonly code = 'unusable_key';
}

/**
 * Credentials for a TLS-terminating gateway in front of the models, which authenticates us by an RSA key: calls carry a
 * signed message. The gateway's certificate is checked with the usual roots.
 *
 * @param folder holds `key.pem`
 * @param roots PEM certificates to trust instead of the usual roots
 * @throws {UnusableKey}
 */
export function gatewayCredentials(
  folder: string,
  { roots = null, nowMs = Date.now }: { readonly roots?: Buffer | null; readonly nowMs?: () => number } = {},
): RunnerCredentials {
  const key = readRsaKey(join(folder, 'key.pem'));
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  // signing takes about a millisecond and the message has a resolution of one second
  const signed = new Map<string, { readonly timestamp: number; readonly metadata: Metadata }>();
  return {
    name: 'gateway',
    channel: () => ChannelCredentials.createSsl(roots),
    callMetadata(modelId) {
      const timestamp = Math.floor(nowMs() / 1000);
      const last = signed.get(modelId);
      if (last?.timestamp === timestamp) return last.metadata;
      const metadata = signedMetadata(key, publicKey, modelId, timestamp);
      signed.set(modelId, { timestamp, metadata });
      return metadata;
    },
  };
}

function signedMetadata(key: KeyObject, publicKey: string, modelId: string, timestamp: number): Metadata {
  const message = Buffer.from(JSON.stringify({ model_id: modelId, timestamp }), 'utf8'); // this key order, no spaces
  const metadata = new Metadata();
  metadata.set('x-gateway-auth-message', message.toString('base64'));
  metadata.set('x-gateway-auth-signature', sign('sha256', message, key).toString('base64')); // PKCS #1 v1.5 for RSA
  metadata.set('x-gateway-auth-pubkey', publicKey);
  return metadata;
}

function readRsaKey(path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new UnusableKey(`expected a private key in PEM at ${path}: ${(cause as Error).message}`, { cause });
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw new UnusableKey(`expected an RSA key at ${path}, received ${key.asymmetricKeyType}`);
  }
  return key;
}
