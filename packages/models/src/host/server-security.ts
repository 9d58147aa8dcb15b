import { createHash, createPublicKey, verify } from 'node:crypto';
import { ServerCredentials } from '@grpc/grpc-js';
import type { CallContext, Metadata } from 'nice-grpc';
import { ServerError } from 'nice-grpc';
import { Status } from 'nice-grpc-common';
import { delegationHeaders } from '../client/mutual-tls.ts';
import type { Delegation } from '../client/wallet.ts';

/** How a hosted model is secured, as the nodes of production are. */
export interface ServerSecurity {
  /** PEM */
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** authority of the certificates that callers need; absent: they need none */
  readonly callersAuthority?: Buffer;
  /** signed by the participant's wallet, sent with each response */
  readonly delegation?: Delegation;
  /** SHA-256 in hex of the keys (DER) of coordinators that may call; absent: calls need no signature */
  readonly coordinators?: readonly string[];
}

export const serverCredentials = ({ certificate, key, callersAuthority }: ServerSecurity): ServerCredentials =>
  ServerCredentials.createSsl(
    callersAuthority ?? null,
    [{ cert_chain: certificate, private_key: key }],
    callersAuthority !== undefined,
  );

const FRESH_SECONDS = 30;

/**
 * Refuses a call whose signature is not that of a known coordinator, and adds the delegation to the response.
 * @throws {ServerError} UNAUTHENTICATED
 */
export function authenticate(
  { coordinators, delegation }: ServerSecurity,
  { metadata, header }: Pick<CallContext, 'metadata' | 'header'>,
  modelId: string | undefined,
): void {
  if (coordinators !== undefined) {
    const fault = gatewayFault(coordinators, metadata, modelId);
    if (fault !== null) throw new ServerError(Status.UNAUTHENTICATED, fault);
  }
  if (delegation === undefined) return;
  header.set(delegationHeaders.message, delegation.message);
  header.set(delegationHeaders.signature, delegation.signature);
  header.set(delegationHeaders.wallet, delegation.wallet);
}

function gatewayFault(coordinators: readonly string[], metadata: Metadata, modelId: string | undefined): string | null {
  const read = (name: string): Buffer => Buffer.from(metadata.get(`x-gateway-auth-${name}`) ?? '', 'base64');
  const [message, signature, der] = [read('message'), read('signature'), read('pubkey')];
  if (message.length === 0 || signature.length === 0 || der.length === 0) return 'expected a signed call';
  if (!coordinators.includes(createHash('sha256').update(der).digest('hex'))) return 'the coordinator is not known';
  try {
    const key = createPublicKey({ key: der, type: 'spki', format: 'der' });
    if (!verify('sha256', message, key, signature)) return 'the signature of the call is wrong';
    const signed = JSON.parse(message.toString('utf8')) as { model_id?: unknown; timestamp?: unknown };
    if (Math.abs(Date.now() / 1000 - Number(signed.timestamp)) <= FRESH_SECONDS) {
      return modelId === undefined || signed.model_id === modelId ? null : 'the call was signed for another model';
    }
    return `expected a signature of the last ${FRESH_SECONDS} s`;
  } catch {
    return 'the signature of the call cannot be read';
  }
}
