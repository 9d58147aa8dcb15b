import type { CrunchConfig } from '@crunch-node/domain';
import { escapeToken } from '@crunch-node/streams';
import { shown } from './config-error.ts';
import type { Check } from './sound-parts.ts';

/**
 * Names become parts of NATS subjects, ids and primary keys, several of them together; a server takes no subject
 * beyond 4 KB. Bytes of one name, percent-encoded.
 */
const MOST_BYTES = 256;

/** Names that events and rows are addressed by: too long, or no text of Unicode. */
export const nameChecks = (config: CrunchConfig): readonly Check[] => [
  named(
    'scheduled_predictions',
    '.scope_key',
    () => config.scheduled_predictions,
    ({ scope_key }) => scope_key,
  ),
  named(
    'ensembles',
    '.name',
    () => config.ensembles,
    ({ name }) => name,
  ),
  named(
    'feed.subjects',
    '',
    () => config.feed.subjects,
    (name) => name,
  ),
  named(
    'aggregation.windows',
    '.name',
    () => config.aggregation.windows,
    ({ name }) => name,
  ),
  () =>
    Object.keys(config.feed_subject_mapping).map((from) => () => {
      const path = `feed_subject_mapping.${shown(from)}`;
      return faultOf(config.feed_subject_mapping[from]!).map((fault) => `${path}: ${fault}`);
    }),
];

const named =
  <T>(path: string, field: string, list: () => readonly T[], nameOf: (entry: T) => string): Check =>
  () =>
    [...list().keys()].map(
      (index) => () => faultOf(nameOf(list()[index]!)).map((fault) => `${path}[${index}]${field}: ${fault}`),
    );

function faultOf(name: string): string[] {
  if (!name.isWellFormed()) return [`expected well-formed Unicode, received ${shown(name)}`];
  const bytes = name.length > MOST_BYTES ? Buffer.byteLength(name) : escapeToken(name).length;
  if (bytes <= MOST_BYTES) return [];
  return [`expected a name of at most ${MOST_BYTES} bytes, percent-encoded, received ${bytes}: ${shown(name)}`];
}
