import { isIPv6 } from 'node:net';
import { CrunchError } from '@crunch-node/streams/errors';
import { type Channel, connectivityState } from '@grpc/grpc-js';
import { createChannel } from 'nice-grpc';
import type { PeerSecurity, RunnerCredentials } from './runner-credentials.ts';

export interface Address {
  /** host name or IP address, exactly as the orchestrator wrote it */
  readonly ip: string;
  readonly port: number;
}

export interface ChannelSettings {
  readonly credentials: RunnerCredentials;
  /** largest message in bytes, both ways */
  readonly maxMessageBytes: number;
}

/** The channel did not become ready. */
export class NotReady extends CrunchError {
  override readonly name = 'NotReady';
  override readonly code = 'channel_not_ready';
}

/** Opens a channel with a TCP connection of its own. */
export const openChannel = (
  { ip, port }: Address,
  { credentials, maxMessageBytes }: ChannelSettings,
  security: PeerSecurity | null = null,
): Channel =>
  createChannel(`dns:${isIPv6(ip) ? `[${ip}]` : ip}:${port}`, (security ?? credentials).channel(), {
    ...security?.options,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // grpc-js has no minimum back-off; nice-grpc takes this option for the time limit of one connection attempt
    'grpc.min_reconnect_backoff_ms': 10_000,
    'grpc.keepalive_time_ms': 300_000,
    'grpc.keepalive_timeout_ms': 500,
    'grpc.keepalive_permit_without_calls': 0,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    // otherwise channels to the same address share a connection
    'grpc.use_local_subchannel_pool': 1,
    // retries are decided by the client of the model, which knows the deadline and the pace
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    // an address comes from the orchestrator and is reached directly, even where http_proxy is set
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  });

/**
 * Connects, and resolves when the channel is ready.
 *
 * @param patience `until-failure`: ends as soon as one attempt to connect has failed
 * @throws {NotReady} when it is not ready within the time, or was closed
 */
export async function whenReady(
  channel: Channel,
  withinMs: number,
  patience: 'all-the-time' | 'until-failure' = 'all-the-time',
): Promise<void> {
  let state = channel.getConnectivityState(true);
  if (state === connectivityState.READY) return;
  const deadline = Date.now() + withinMs;
  while (state !== connectivityState.READY) {
    if (state === connectivityState.SHUTDOWN) throw new NotReady('the channel was closed');
    if (state === connectivityState.TRANSIENT_FAILURE && patience === 'until-failure') {
      throw new NotReady(`no connection to ${channel.getTarget()}`);
    }
    await stateChange(channel, state, deadline);
    state = channel.getConnectivityState(true);
  }
}

const stateChange = (channel: Channel, from: connectivityState, deadline: number): Promise<void> =>
  new Promise((resolve, reject) => {
    channel.watchConnectivityState(from, deadline, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(new NotReady(`${channel.getTarget()} was not ready in time`, { cause: error }));
    });
  });
