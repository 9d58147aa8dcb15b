import { ChannelCredentials } from '@grpc/grpc-js';
import { gatewayCredentials } from './gateway.ts';
import type { RunnerCredentials } from './runner-credentials.ts';

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
