/** Connections to Postgres: addresses, connections that leave no state behind, and the meaning of errors. */
export { type PostgresAddress, parseAddress } from './address/address.ts';
export { ADDRESS_SHAPE, BadPostgresAddress, masked } from './address/bad-address.ts';
export { composeAddress } from './address/compose.ts';
export { NoServerUsable } from './connect/choose.ts';
export { type ConnectionOptions, createClient, createPool, type PoolOptions } from './connect/client.ts';
export { isDiskFull, isPostgresAway, isReadOnlyFault, misconfigurationOf } from './faults.ts';
export { inReadOnlyTransaction } from './in-transaction.ts';
export { isBehindPooler, receivesNotifications } from './pooler.ts';
export { PostgresReadOnly, whyReadOnly } from './read-only.ts';
export { postgresDialect, type StatementSettings } from './transactions.ts';
