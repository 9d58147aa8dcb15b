import type { CrunchConfig } from '@crunch-node/domain';
import { escapeToken } from '@crunch-node/streams';
import { shown } from './config-error.ts';

/**
 * Names become parts of NATS subjects, ids and primary keys, several of them together; a server takes no subject
 * beyond 4 KB. Bytes of one name, percent-encoded.
 */
const MOST_BYTES = 256;

/** Names that events and rows are addressed by, which are too long or no text of Unicode. */
export const nameFaults = (config: CrunchConfig): string[] =>
  [
    ...config.scheduled_predictions.map(({ scope_key }, index) => ({
      path: `scheduled_predictions[${index}].scope_key`,
      name: scope_key,
    })),
    ...config.ensembles.map(({ name }, index) => ({ path: `ensembles[${index}].name`, name })),
    ...config.feed.subjects.map((name, index) => ({ path: `feed.subjects[${index}]`, name })),
    ...config.aggregation.windows.map(({ name }, index) => ({ path: `aggregation.windows[${index}].name`, name })),
    ...Object.entries(config.feed_subject_mapping).map(([from, name]) => ({
      path: `feed_subject_mapping.${shown(from)}`,
      name,
    })),
  ].flatMap(({ path, name }) => faultOf(name).map((fault) => `${path}: ${fault}`));

function faultOf(name: string): string[] {
  if (!name.isWellFormed()) return [`expected well-formed Unicode, received ${shown(name)}`];
  const bytes = name.length > MOST_BYTES ? Buffer.byteLength(name) : escapeToken(name).length;
  if (bytes <= MOST_BYTES) return [];
  return [`expected a name of at most ${MOST_BYTES} bytes, percent-encoded, received ${bytes}: ${shown(name)}`];
}
