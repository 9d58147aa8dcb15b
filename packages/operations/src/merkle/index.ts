/** Merkle proofs recomputed from what a report API publishes. */
export { publicApi } from './public-api.ts';
export { type VerifiedStep, verifySnapshot } from './verify-snapshot.ts';
