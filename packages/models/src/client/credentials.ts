import { ChannelCredentials } from '@grpc/grpc-js';
import { gatewayCredentials } from './gateway.ts';
import { mutualTlsCredentials } from './mutual-tls.ts';
import type { RunnerCredentials } from './runner-credentials.ts';

export const plaintext: RunnerCredentials = {
  name: 'plaintext',
  channel: () => ChannelCredentials.createInsecure(),
  callMetadata: () => null,
};

/**
 * Gateway when its folder is given, else mutual TLS when its folder is, else plaintext.
 *
 * @throws {UnusableKey | UnusableCertificates}
 */
export function credentialsFrom(folders: {
  readonly gatewayCertDir?: string | undefined;
  readonly secureCertDir?: string | undefined;
}): RunnerCredentials {
  if (folders.gatewayCertDir) return gatewayCredentials(folders.gatewayCertDir);
  return folders.secureCertDir ? mutualTlsCredentials(folders.secureCertDir) : plaintext;
}
