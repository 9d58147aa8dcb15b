import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { answersFrom, packs } from '../answers.ts';
import { projectFiles } from '../project.ts';
import { secureCompose } from './secure-compose.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Containers of a compose file that run the engine. */
const containersOf = (compose: string): string[] =>
  [...compose.matchAll(/^ {2}(\w+):(?: \{ |\n {4})(?=<<: \*service)/gm)].map(([, name = '']) => name).sort();
const securedBy = (override: string): string[] =>
  [...override.matchAll(/^ {2}(\w+):(?:\n {4}command: .*)?\n {4}environment:\n {6}<<: \*trust/gm)]
    .map(([, name = '']) => name)
    .sort();

describe('TLS of compose files', () => {
  it('is the same override here and in projects', () => {
    const services = containersOf(textOf('compose.yaml'));
    const ours = secureCompose({
      services: services.map((name) => [name, name === 'activate' ? 'operator' : name]),
      usage: 'docker compose -f compose.yaml -f compose.secure.yaml up',
      folder: './deploy',
    });
    assert.equal(textOf('compose.secure.yaml'), ours);
  });

  it('gives every container of the engine a certificate of its own', () => {
    assert.deepEqual(securedBy(textOf('compose.secure.yaml')), containersOf(textOf('compose.yaml')));
    for (const pack of packs) {
      const files = new Map(
        projectFiles(answersFrom({ pack }), { version: '1.2.3', specifiers: null, secret: () => 's' }),
      );
      const override = files.get('node/compose.secure.yaml') ?? '';
      assert.deepEqual(securedBy(override), containersOf(files.get('node/compose.yaml') ?? ''), pack);
      const mounted = [...override.matchAll(/- (tls-\w+):\/run\/tls:ro/g)].map(([, volume]) => volume);
      for (const volume of mounted) assert.match(override, new RegExp(`\\n  ${volume}:\\n`), pack);
      for (const file of [...override.matchAll(/- \.\/([\w.]+):/g)].map(([, name]) => name)) {
        assert.ok(files.has(`node/${file}`), `${pack}: ${file}`);
      }
    }
  });
});
