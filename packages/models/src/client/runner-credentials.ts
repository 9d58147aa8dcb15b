import type { ChannelCredentials, ChannelOptions, Metadata } from '@grpc/grpc-js';

/** Required identity of a peer, as the orchestrator announced it. */
export interface PeerIdentity {
  readonly model_id: string;
  /** base58, of an Ed25519 key */
  readonly wallet: string | null;
  readonly hotkey: string | null;
}

/** The security of one connection whose peer has to prove its identity. */
export interface PeerSecurity {
  channel(): ChannelCredentials;
  readonly options: ChannelOptions;
  /** Fault in the headers of a response; null: the peer has proved its identity. */
  faultOf(headers: Metadata): string | null;
  /** Why the peer's certificate was refused; null: it was not. */
  readonly refusal: string | null;
}

/** How the gRPC leg to the models is secured. One of these per process. */
export interface RunnerCredentials {
  readonly name: 'plaintext' | 'gateway' | 'mutual-tls';
  /** credentials of a new channel */
  channel(): ChannelCredentials;
  /** metadata of every call of a model; health checks carry none */
  callMetadata(modelId: string): Metadata | null;
  /** called for each connection; absent: the peer's certificate is its only proof */
  securityOf?(peer: PeerIdentity): PeerSecurity;
}
