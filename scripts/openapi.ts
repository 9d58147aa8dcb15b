import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiDocument, isRecorded, recordedFile } from '../services/report/src/testing/api-document.ts';

const path = relative(process.cwd(), fileURLToPath(recordedFile));
const current = await apiDocument();
if (process.argv.includes('--check')) {
  const same = isRecorded(current);
  console.log(same ? `${path} matches the routes` : `${path} does not match the routes: run scripts/openapi`);
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(recordedFile, JSON.stringify(current, null, 2));
}
