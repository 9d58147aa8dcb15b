/** The pipeline as a value: its services in order, what each needs, what each reads, writes and owns. */
export { leaseNameOf } from './lease-names.ts';
export { type NatsPermissions, type NatsUser, natsPermissions, natsUsers } from './permissions.ts';
export { type Need, type ServiceName, type ServiceShape, serviceNames, services } from './services.ts';
export { type PipelineShape, type StagePartition, shapeOf, stagePartitions } from './topology.ts';
