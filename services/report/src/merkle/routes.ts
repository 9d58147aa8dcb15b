import { merkleTree, type ProofStep, proofOf } from '@crunch-node/domain';
import { merkleCycle, newestMerkleCycles, type SnapshotEvidence, snapshotEvidence } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { instant, integer, query, requiredText } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { tsZ } from '../values/timestamps.ts';
import { MerkleCycle, MerkleProof } from './schemas.ts';

const tags = ['merkle'];

/** Evidence that a snapshot has not been changed since; `crunch-node merkle verify` checks it. */
export const merkleRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const list = {
    tags,
    summary: 'The newest cycles of the chain, oldest of them first',
    querystring: query({
      since: instant('first creation'),
      until: instant('last creation'),
      limit: integer({ absent: 50, minimum: 1, maximum: 500 }),
    }),
    response: { 200: Type.Array(MerkleCycle) },
  };
  app.get('/reports/merkle/cycles', { schema: list, ...reads('snapshots') }, async ({ query: filter }) =>
    (await newestMerkleCycles(db, filter)).map(cycleOf),
  );

  const one = {
    tags,
    summary: 'A cycle of the chain',
    params: Type.Object({ cycle_id: Type.String() }),
    response: { 200: MerkleCycle },
  };
  app.get(
    '/reports/merkle/cycles/:cycle_id',
    { schema: one, ...reads('snapshots') },
    async ({ params: { cycle_id } }) => {
      const cycle = await merkleCycle(db, cycle_id);
      if (cycle === undefined) throw new HttpFault(404, `There is no cycle ${cycle_id}`);
      return cycleOf(cycle);
    },
  );

  const proof = {
    tags,
    summary: 'The way from a snapshot to the root of its cycle, and from there to the root of its checkpoint',
    querystring: query({ snapshot_id: requiredText('as /reports/snapshots names it') }),
    response: { 200: MerkleProof },
  };
  app.get(
    '/reports/merkle/proof',
    { schema: proof, ...reads('snapshots', 'checkpoints') },
    async ({ query: { snapshot_id } }) => {
      const evidence = await snapshotEvidence(db, snapshot_id);
      if (evidence === undefined) throw new HttpFault(404, `There is no evidence for a snapshot ${snapshot_id}`);
      return proofFrom(snapshot_id, evidence);
    },
  );
};

const cycleOf = ({
  cycle_id,
  created_at,
  ...cycle
}: Omit<MerkleCycle, 'id'> & { readonly cycle_id: string }): MerkleCycle => ({
  ...cycle,
  id: cycle_id,
  created_at: tsZ(created_at),
});

const proofFrom = (
  snapshot_id: string,
  { content_hash, cycle, leaves, checkpoint }: SnapshotEvidence,
): MerkleProof => ({
  snapshot_id,
  snapshot_content_hash: content_hash,
  cycle_id: cycle.cycle_id,
  cycle_root: cycle.chained_root,
  checkpoint_id: checkpoint?.checkpoint_id ?? null,
  merkle_root: checkpoint?.merkle_root ?? null,
  path: pathIn(leaves, content_hash),
  checkpoint_path: checkpoint === null ? [] : pathIn(checkpoint.leaves, cycle.chained_root),
});

function pathIn(leaves: readonly string[], leaf: string): ProofStep[] {
  const tree = merkleTree(leaves);
  return tree === null ? [] : proofOf(tree, leaf);
}
