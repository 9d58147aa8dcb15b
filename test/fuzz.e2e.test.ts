import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fuzzAnswers } from './support/fuzz-answers.ts';
import { type FuzzTarget, fuzzedCompetition, fuzzedTournament } from './support/fuzz-targets.ts';
import { type Servers, startServers } from './support/servers.ts';

const REQUESTS = 700;
const COMPETITIONS = 20;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

describe('a competition whose models give random answers', () => {
  it(`continues, and stores and pays only valid values (FUZZ_SEED=${seed})`, (t) => {
    const { answers, faults } = fuzzAnswers(seed, (runs) => runs < COMPETITIONS);
    t.diagnostic(`${answers} answers`);
    assert.equal(faults.join('\n'), '');
  });
});

describe('a complete API under random requests', () => {
  let servers: Servers;
  const targets: FuzzTarget[] = [];
  before(async () => {
    servers = await startServers();
  });
  after(async () => {
    for (const target of targets) await target.stop();
    await servers?.stop();
  });

  for (const [name, open] of Object.entries({ competition: fuzzedCompetition, tournament: fuzzedTournament }))
    it(`continues: ${name} (FUZZ_SEED=${seed})`, async (t) => {
      const target = await open(servers);
      targets.push(target);
      const { requests, byStatus, faults } = await target.ask(seed, (made) => made < REQUESTS);
      t.diagnostic(`${requests} requests: ${JSON.stringify(byStatus)}`);
      assert.equal([...faults, ...target.faultsInside()].join('\n'), '');
    });
});
