/** Merkle proofs recomputed from the responses of a report API. */
export { publicApi } from './public-api.ts';
export { type VerifiedStep, verifySnapshot } from './verify-snapshot.ts';
