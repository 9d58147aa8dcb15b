export { credentialsFrom, plaintext, UnsupportedCredentials } from './client/credentials.ts';
export { gatewayCredentials, UnusableKey } from './client/gateway.ts';
export type { RunnerCredentials } from './client/runner-credentials.ts';
export type { ClientTiming } from './client/timing.ts';
export { type ConnectModelsOptions, connectModels } from './connect-models.ts';
export {
  type LocalOrchestrator,
  type LocalOrchestratorOptions,
  startLocalOrchestrator,
} from './host/local-orchestrator.ts';
export { type DroppedModel, type LocalPool, localArguments, localCall, localPool } from './host/local-pool.ts';
export { type LocalModel, type ModelHost, type RunningModel, startModelHost } from './host/model-host.ts';
export type { PoolLog } from './orchestrator/connection.ts';
export type * from './pool.ts';
export * from './strikes.ts';
export { encodeCall } from './wire/calls.ts';
export { finiteOrText, parseTolerantJson } from './wire/tolerant-json.ts';
