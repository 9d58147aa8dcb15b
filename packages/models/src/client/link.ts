import { Client, type ClientUnaryCall, status } from '@grpc/grpc-js';
import { type CallResponse, healthService, modelService, SERVING, type SetupResponse } from '../wire/protocol.ts';
import { type Address, type ChannelSettings, openChannel, whenReady } from './channel.ts';
import type { PeerIdentity } from './runner-credentials.ts';
import { type CallOutcome, type UnaryOptions, unary } from './unary.ts';

/** Two connections to one model runner: one for calls, one for health checks. */
export interface Link {
  /** @throws {NotReady} when one of the two is not ready within the time */
  ready(withinMs: number): Promise<void>;
  /** False when connecting fails or takes longer. A channel that is down holds no call up. */
  readySoon(withinMs: number): Promise<boolean>;
  setUp(request: Uint8Array, deadlineMs: number): Promise<CallOutcome<SetupResponse>>;
  /** @param deadlineAt epoch milliseconds */
  call(bytes: Uint8Array, deadlineAt: number): Promise<CallOutcome<CallResponse>>;
  /** Whether the runner is there, be it busy. */
  alive(deadlineMs: number): Promise<boolean>;
  /** Why the certificate of the peer was refused; null: it was not. */
  readonly refusal: string | null;
  /** Ends calls in flight. */
  close(): void;
}

const ANSWERS_WITHOUT_SERVING: ReadonlySet<status> = new Set([status.RESOURCE_EXHAUSTED, status.UNIMPLEMENTED]);

export function openLink(address: Address, peer: PeerIdentity, settings: ChannelSettings): Link {
  const { credentials } = settings;
  const security = credentials.securityOf?.(peer) ?? null;
  const calls = openChannel(address, settings, security);
  const checks = openChannel(address, settings, credentials.securityOf?.(peer) ?? null);
  const caller = new Client(calls.getTarget(), credentials.channel(), { channelOverride: calls });
  const checker = new Client(checks.getTarget(), credentials.channel(), { channelOverride: checks });
  const healthCheck = healthService.check.requestSerialize({});
  const inFlight = new Set<ClientUnaryCall>();

  async function tracked<R>(
    method: { readonly path: string; responseDeserialize(bytes: Uint8Array): R },
    bytes: Uint8Array,
    deadlineAt: number,
  ): Promise<CallOutcome<R>> {
    let begun: ClientUnaryCall | undefined;
    const options: UnaryOptions = {
      deadlineAt,
      metadata: credentials.callMetadata(peer.model_id),
      ...(security && { faultOf: (headers) => security.faultOf(headers) }),
      onBegin: (call) => {
        begun = call;
        inFlight.add(call);
      },
    };
    const outcome = await unary(caller, method, bytes, options);
    if (begun !== undefined) inFlight.delete(begun);
    return outcome;
  }

  return {
    ready: async (withinMs) => {
      await Promise.all([whenReady(calls, withinMs), whenReady(checks, withinMs)]);
    },
    readySoon: (withinMs) =>
      whenReady(calls, withinMs, 'until-failure').then(
        () => true,
        () => false,
      ),
    setUp: (request, deadlineMs) => tracked(modelService.setup, request, Date.now() + deadlineMs),
    call: (bytes, deadlineAt) => tracked(modelService.call, bytes, deadlineAt),
    async alive(deadlineMs) {
      const options = { deadlineAt: Date.now() + deadlineMs, metadata: null };
      const outcome = await unary(checker, healthService.check, healthCheck, options);
      return outcome.ok ? outcome.response.status === SERVING : ANSWERS_WITHOUT_SERVING.has(outcome.code);
    },
    get refusal() {
      return security?.refusal ?? null;
    },
    close() {
      for (const call of inFlight) call.cancel();
      caller.close();
      checker.close();
    },
  };
}
