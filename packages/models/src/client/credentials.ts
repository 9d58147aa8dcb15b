import { ChannelCredentials, type Metadata } from '@grpc/grpc-js';
import { gatewayCredentials } from './gateway.ts';

/** How the gRPC leg to the models is secured. One of these per process. */
export interface RunnerCredentials {
  readonly name: 'plaintext' | 'gateway' | 'mutual-tls';
  /** credentials of a new channel */
  channel(): ChannelCredentials;
  /** what every call of a model carries; health checks carry nothing */
  callMetadata(modelId: string): Metadata | null;
}

/** The mode is known and not built. */
export class UnsupportedCredentials extends Error {
  override readonly name = 'UnsupportedCredentials';
}

export const plaintext: RunnerCredentials = {
  name: 'plaintext',
  channel: () => ChannelCredentials.createInsecure(),
  callMetadata: () => null,
};

/**
 * Gateway when its folder is given, plaintext otherwise. Mutual TLS is not supported yet and refused rather than
 * downgraded.
 *
 * @throws {UnsupportedCredentials | UnusableKey}
 */
export function credentialsFrom(folders: {
  readonly gatewayCertDir?: string | undefined;
  readonly secureCertDir?: string | undefined;
}): RunnerCredentials {
  if (folders.gatewayCertDir) return gatewayCredentials(folders.gatewayCertDir);
  if (folders.secureCertDir) {
    throw new UnsupportedCredentials(
      `mutual TLS to models is not supported yet (SECURE_CERT_DIR=${folders.secureCertDir}): ` +
        'expected GATEWAY_CERT_DIR with a key.pem, or neither of the two for plaintext',
    );
  }
  return plaintext;
}
