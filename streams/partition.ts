import { Type } from '@sinclair/typebox';
import { escapeToken } from './token.ts';

/** Number of a partition, `0 .. PARTITIONS - 1`. Part of every key in the log: it can never change in a deployment. */
export const Partition = Type.Integer({ minimum: 0 });

/** 32-bit FNV-1a over the bytes of an ASCII text, the hash of the server's `partition()` subject transform. */
export function fnv1a32(ascii: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < ascii.length; i++) hash = Math.imul(hash ^ ascii.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The partition of a model. The escaped token is hashed, since that is what the server sees. */
export const partitionOf = (modelId: string, partitions: number): number => fnv1a32(escapeToken(modelId)) % partitions;
