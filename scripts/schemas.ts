import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { allVersions, breakingChanges, fileOf, recordedOf, schemaOf } from '../test/support/schema-history.ts';

const refused: string[] = [];
for (const place of allVersions().filter(({ definition, v }) => v === definition.v)) {
  const recorded = recordedOf(place);
  const schema = schemaOf(place.definition);
  if (JSON.stringify(recorded?.schema) === JSON.stringify(schema)) continue;
  const file = fileOf(place);
  const shown = relative(process.cwd(), file);
  const breaking = recorded === null ? [] : breakingChanges(recorded.schema, schema);
  if (breaking.length > 0) {
    refused.push(`${shown}: give it version ${place.v + 1} and an upcaster: ${breaking.join('; ')}`);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ schema, messages: recorded?.messages ?? [] }, null, 2)}\n`);
  console.log(`${shown} ${recorded === null ? 'recorded; add a message of it' : 'extended'}`);
}
for (const line of refused) console.error(line);
process.exitCode = refused.length > 0 ? 1 : 0;
