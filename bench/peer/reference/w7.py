"""Hashes, tree and proof of the snapshots of one cycle."""

from __future__ import annotations

import time

from crunch_node.merkle import build_merkle_tree, canonical_snapshot_hash, generate_proof, get_root, verify_proof
from crunch_node.merkle.tree import MerkleNode
from measure import memory
from synthetic import minute, model_id, summary

PROVEN = 250


def run(snapshots: int, repeats: int) -> dict:
    given = [
        {
            "model_id": model_id(i),
            "period_start": minute(0),
            "period_end": minute(1),
            "prediction_count": 20,
            "result_summary": summary(i, 1),
        }
        for i in range(snapshots)
    ]
    parts = {"hash": 0.0, "tree": 0.0, "proof": 0.0, "verify": 0.0}
    cpu = time.process_time()
    for _ in range(repeats):
        at = [time.perf_counter()]
        hashes = [canonical_snapshot_hash(**one) for one in given]
        at.append(time.perf_counter())
        nodes = build_merkle_tree([MerkleNode(hash=one, level=0, position=i) for i, one in enumerate(hashes)])
        root = get_root(nodes).hash
        at.append(time.perf_counter())
        proven = hashes[min(PROVEN, snapshots - 1)]
        proof = generate_proof(nodes, proven)
        at.append(time.perf_counter())
        if not verify_proof(proven, proof, root):
            raise RuntimeError("the proof does not lead to the root")
        at.append(time.perf_counter())
        for part, begun, ended in zip(parts, at, at[1:]):
            parts[part] += ended - begun
    ms = {part: seconds * 1000 / repeats for part, seconds in parts.items()}
    return {"root": root, "ms": ms, "cpu_ms": (time.process_time() - cpu) * 1000 / repeats, **memory()}
