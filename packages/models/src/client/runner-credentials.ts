import type { ChannelCredentials, Metadata } from '@grpc/grpc-js';

/** How the gRPC leg to the models is secured. One of these per process. */
export interface RunnerCredentials {
  readonly name: 'plaintext' | 'gateway' | 'mutual-tls';
  /** credentials of a new channel */
  channel(): ChannelCredentials;
  /** what every call of a model carries; health checks carry nothing */
  callMetadata(modelId: string): Metadata | null;
}
