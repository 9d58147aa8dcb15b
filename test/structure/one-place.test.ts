/** What is decided in one place, and nowhere else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCodes } from '../../streams/errors.ts';
import { textOf, workspaces } from './workspaces.ts';

/** Of the product and of its test support, without the tests. */
const sources = workspaces()
  .flatMap((workspace) => workspace.sources)
  // What runs without the engine, in a browser or before there is a project, cannot share its parts.
  .filter(({ path }) => !path.endsWith('.test.ts') && !/^packages\/(web|create)\//.test(path));

const none = (faults: readonly string[]): void => assert.equal(faults.join('\n'), '');

describe('the repository has in one place', () => {
  it('the oldest Node, which every package it installs runs on', () => {
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    const oldest = engines.node.replace('>=', '');
    const texts = ['README.md', 'CONTRIBUTING.md', 'docs/participants.md', 'scripts/prepare.sh']
      .concat(['packages/cli/src/commands/doctor.ts', 'packages/create/src/versions.ts'])
      .concat(['packages/challenge-python/src/starter_challenge/engine.py']);
    none(
      texts.flatMap((path) => {
        const named = [...textOf(path).matchAll(/\b20\.\d+\b(?=\b(?!\.\d)|')/g)].map(([found]) => found);
        return named.length > 0 && named.every((one) => one === oldest)
          ? []
          : [`${path} names ${named.join(', ') || 'none'}, engines of package.json ${oldest}`];
      }),
    );
    const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> };
    none(
      Object.entries(packages)
        .filter(([, { dev, engines: needs }]) => dev !== true && !runsOn(oldest, needs?.node ?? '*'))
        .map(([path, { version, engines: needs }]) => `${path} ${version} needs Node ${needs?.node}, others ${oldest}`),
    );
    assert.deepEqual(
      ['>=18', '^20.19.0 || >=22.12', '18 || 20 || >=22', '>= 20.12.0', '>= 0.6', '*', '20.x'].filter(
        (range) => !runsOn('20.19', range),
      ),
      [],
    );
    assert.deepEqual(
      ['>=22', '^18 || >=20.20', '>=21.1.0'].filter((range) => runsOn('20.19', range)),
      [],
    );
  });

  it('the class of all errors of the engine, each with a code of the list', () => {
    const own = sources.filter(({ path }) => path !== ERRORS);
    none(
      own.flatMap(({ path, code }) =>
        [...code.matchAll(/class \w+ extends Error\b/g)].map(
          ([found]) => `${path} has ${found}: extend CrunchError of ${ERRORS}`,
        ),
      ),
    );
    const used = new Set(own.flatMap(({ path }) => [...textOf(path).matchAll(OWN_CODE)].map(([, name]) => name)));
    none(errorCodes.filter((code) => !used.has(code)).map((code) => `${ERRORS} has ${code}, which no class has`));
    assert.equal(new Set(errorCodes).size, errorCodes.length, 'each code once');
  });

  it('the pauses between attempts', () => {
    for (const own of [
      'waitMs = Math.min(waitMs * 2, 5_000);',
      'pauseMs = Math.min(1.5 * pauseMs, MAX)',
      'a * 2 ** attempt',
    ])
      assert.match(own, OWN_BACKOFF);
    none(
      sources
        .filter(({ path, code }) => path !== BACKOFF && OWN_BACKOFF.test(code))
        .map(({ path }) => `${path} computes pauses: use Backoff of ${BACKOFF}`),
    );
  });

  it('the meaning of a name that once had several', () =>
    none(
      ONE_MEANING.flatMap((name) => {
        const declared = sources.filter(({ code }) =>
          new RegExp(`\\b(?:interface|type|class) ${name}\\b(?! *[,}])`).test(code),
        );
        return declared.length <= 1 ? [] : [`${name} is declared in ${declared.map(({ path }) => path).join(', ')}`];
      }),
    ));

  it('the switch over kinds of competitions', () =>
    none(
      sources
        .filter(({ path, isTest }) => !isTest && !KINDS_ARE_DECIDED_IN.has(path))
        .flatMap(({ path, code }) =>
          [...code.matchAll(KIND_COMPARED)].map(
            ([found]) => `${path} has ${found}: use byKind, or a trait of the kind`,
          ),
        ),
    ));
});

const BACKOFF = 'streams/backoff.ts';
const OWN_BACKOFF =
  /\b\w*(?:pause|wait|retry|delay)\w*\s*=\s*Math\.min\([^;]*(?:\*\s*[12]|[12](?:\.\d+)?\s*\*)|2 \*\* \(?\w*(?:attempt|failure|crash|tries)/i;

/** Types that several packages once declared, each for something else. */
const ONE_MEANING =
  'Place Standing Position Recorded Cycle Closings Roster Verdict Patience ProjectionStatus VerifyOptions'.split(' ');

const ERRORS = 'streams/errors.ts';
const OWN_CODE = /override readonly code(?:: ErrorCode)? = '(\w+)'/g;

/** A comparison that tells kinds of competitions apart: the compiler would not find it when there is a fourth one. */
const KIND_COMPARED = /\b(?:trading|tournament)\s*[!=]==?\s*null|\bkind\s*[!=]==?\s*'(?:realtime|trading|tournament)'/g;
const KINDS_ARE_DECIDED_IN = new Set([
  'packages/config/src/kinds.ts',
  'packages/config/src/tournament.ts', // rules as they were given
  'packages/config/src/trading.ts', // likewise
  'packages/pipeline/src/topology.ts', // of a recorded configuration
]);

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly engines?: { readonly node?: string };
}

/** As far as manifests use ranges: alternatives of least versions, of one major version or of any later one. */
function runsOn(oldest: string, range: string): boolean {
  const [major = 0, minor = 0] = oldest.split('.').map(Number);
  return range.split('||').some((alternative) => {
    const [, operator = '', first, second = '0'] = /^\s*(>=|\^|~)?\s*v?(\d+)(?:\.(\d+))?/.exec(alternative) ?? [];
    if (first === undefined) return alternative.trim() === '*' || alternative.trim() === '';
    const isLater = major > Number(first) || (major === Number(first) && minor >= Number(second));
    return operator === '>=' ? isLater : major === Number(first) && isLater;
  });
}
