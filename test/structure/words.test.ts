/** The field's words, and no others: docs/glossary.md. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignProse, foreignText, foreignWords } from './vocabulary.ts';
import { filesUnder, textOf, workspaces } from './workspaces.ts';

const all = workspaces();
const none = (faults: readonly string[]): void => assert.equal(faults.join('\n'), '');

describe('the language of the repository', () => {
  it("uses the field's words", () =>
    none(
      all
        .flatMap(({ sources }) => sources)
        .filter(({ isTest }) => !isTest)
        .flatMap(({ path }) => foreignWords(path, textOf(path))),
    ));

  it("writes comments and titles of tests in the field's words", () =>
    none(all.flatMap(({ sources }) => sources).flatMap(({ path }) => foreignProse(path, textOf(path)))));

  it("writes documents, alerts and examples of configuration in the field's words", () =>
    none(
      filesUnder('.')
        .filter((path) => /\.(md|ya?ml|conf)$|^deploy\/.*\.json$/.test(path) && !/^(examples|findings)\//.test(path))
        .flatMap((path) => foreignText(path, textOf(path))),
    ));

  it('finds foreign words in names, log messages and help texts', () => {
    const found = [
      'const hasSaid = true;',
      'class A { #told = 1; }',
      'interface LoopMeans {}',
      "logger.info({ a }, 'started anew');",
      'this.#logger.warn(`nobody answers`);',
      "program.option('--x <n>', 'says ' + 'it all');",
    ];
    for (const text of found) assert.equal(foreignWords('a.ts', text).length, 1, text);
    for (const text of ["const essay = 'said';", '// nobody', 'const a = /said/;', "logger.info('event published');"])
      assert.deepEqual(foreignWords('a.ts', text), [], text);
    for (const text of ['// nobody', 'a(); // said', '/** Tells it. */', ' * anew', "  it('says so', () =>"])
      assert.equal(foreignProse('a.ts', text).length, 1, text);
    for (const text of ["const url = 'https://a.example/said';", '// cannot be told apart', '// the counter `said`'])
      assert.deepEqual(foreignProse('a.ts', text), [], text);
    assert.deepEqual(foreignText('a.md', 'a\nno `said` here\nit says so'), ['a.md:3 writes says']);
  });
});
