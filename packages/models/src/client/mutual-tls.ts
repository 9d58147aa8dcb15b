import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { CrunchError } from '@crunch-node/streams/errors';
import { ChannelCredentials, type Metadata } from '@grpc/grpc-js';
import type { PeerIdentity, PeerSecurity, RunnerCredentials } from './runner-credentials.ts';
import { delegationFault } from './wallet.ts';

/** A file of the folder with the certificates is missing or holds none. */
export class UnusableCertificates extends CrunchError {
  override readonly name = 'UnusableCertificates';
  override readonly code = 'unusable_certificates';
}

/** Name in the certificate of a model's node. */
export const serverNameOf = (modelId: string): string => `model-node-${modelId}.crunchdao.internal`;

const HEADERS = {
  message: 'x-server-auth-message',
  signature: 'x-server-auth-signature',
  wallet: 'x-server-wallet-pubkey',
} as const;
export const delegationHeaders = HEADERS;

/**
 * Both sides have certificates of one authority, and each response carries the participant's wallet's word that the
 * model's key is the model's.
 *
 * @param folder holds `ca.crt`, `tls.crt` and `tls.key`, in PEM
 * @throws {UnusableCertificates}
 */
export function mutualTlsCredentials(
  folder: string,
  { nowMs = Date.now }: { readonly nowMs?: () => number } = {},
): RunnerCredentials {
  const [ca, certificate, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => readPem(join(folder, name)));
  return {
    name: 'mutual-tls',
    channel: () => ChannelCredentials.createSsl(ca, key, certificate),
    callMetadata: () => null,
    securityOf: (peer) => securityOf(peer, { ca: ca!, certificate: certificate!, key: key! }, nowMs),
  };
}

interface Pems {
  readonly ca: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

function securityOf(peer: PeerIdentity, { ca, certificate, key }: Pems, nowMs: () => number): PeerSecurity {
  const serverName = serverNameOf(peer.model_id);
  /** of the connection there is now */
  let tlsPublicKey: Buffer | null = null;
  let refusal: string | null = null;

  const checkCertificate: typeof checkServerIdentity = (name, shown) => {
    tlsPublicKey = null;
    const { publicKey } = new X509Certificate(shown.raw);
    const fault =
      checkServerIdentity(name, shown) ??
      (publicKey.asymmetricKeyType === 'rsa'
        ? undefined
        : new Error(`expected a certificate with an RSA key, received ${publicKey.asymmetricKeyType}`));
    refusal = fault?.message ?? null;
    if (fault === undefined) tlsPublicKey = publicKey.export({ type: 'spki', format: 'der' });
    return fault;
  };

  return {
    channel: () => ChannelCredentials.createSsl(ca, key, certificate, { checkServerIdentity: checkCertificate }),
    options: { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName },
    get refusal() {
      return refusal;
    },
    faultOf(headers) {
      const [message, signature, wallet] = [HEADERS.message, HEADERS.signature, HEADERS.wallet].map((name) =>
        textOf(headers, name),
      );
      if (message === undefined || signature === undefined || wallet === undefined) {
        return `expected the headers ${Object.values(HEADERS).join(', ')} in the response`;
      }
      if (peer.wallet === null) return 'the orchestrator announced the model without a wallet';
      if (tlsPublicKey === null) return 'the certificate of the connection is not known';
      const { wallet: expected, hotkey, model_id } = peer;
      const nowSeconds = nowMs() / 1000;
      return delegationFault(
        { message, signature, wallet },
        { wallet: expected, hotkey, model_id, tlsPublicKey, nowSeconds },
      );
    },
  };
}

function textOf(headers: Metadata, name: string): string | undefined {
  const [value] = headers.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readPem(path: string): Buffer {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (cause) {
    throw new UnusableCertificates(`expected PEM at ${path}: ${(cause as Error).message}`, { cause });
  }
  if (!pem.includes('-----BEGIN ')) throw new UnusableCertificates(`expected PEM at ${path}, received something else`);
  return pem;
}
