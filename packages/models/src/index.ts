export { credentialsFrom, plaintext } from './client/credentials.ts';
export { gatewayCredentials, UnusableKey } from './client/gateway.ts';
export { mutualTlsCredentials, serverNameOf, UnusableCertificates } from './client/mutual-tls.ts';
export type { PeerIdentity, RunnerCredentials } from './client/runner-credentials.ts';
export type { ClientTiming } from './client/timing.ts';
export { type Delegation, toBase58 } from './client/wallet.ts';
export { type ConnectModelsOptions, connectModels } from './connect-models.ts';
export {
  type AnnouncedModels,
  type LocalOrchestrator,
  type LocalOrchestratorOptions,
  type ReceivedReport,
  startLocalOrchestrator,
} from './host/local-orchestrator.ts';
export { type DroppedModel, type LocalPool, localArguments, localCall, localPool } from './host/local-pool.ts';
export {
  type LocalModel,
  type ModelHost,
  type ModelInfos,
  type RunningDeployment,
  type RunningModel,
  startModelHost,
} from './host/model-host.ts';
export { modelIn } from './host/model-module.ts';
export { BadImplementation, type ModelObject } from './host/model-object.ts';
export { type CreateModel, type ModelServer, type SetupArguments, startModelServer } from './host/model-server.ts';
export type { ServerSecurity } from './host/server-security.ts';
export type { PoolLog } from './orchestrator/connection.ts';
export type * from './pool.ts';
export * from './strikes.ts';
export { encodeCall } from './wire/calls.ts';
export { finiteOrText, parseTolerantJson, pythonJson } from './wire/tolerant-json.ts';
