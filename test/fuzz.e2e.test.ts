import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type FuzzTarget, fuzzedCompetition, fuzzedTournament } from './support/fuzz-targets.ts';
import { type Servers, startServers } from './support/servers.ts';

const REQUESTS = 700;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

describe('an API with everything behind it, asked anything', () => {
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
    it(`goes on: ${name} (FUZZ_SEED=${seed})`, async (t) => {
      const target = await open(servers);
      targets.push(target);
      const { requests, byStatus, faults } = await target.ask(seed, (made) => made < REQUESTS);
      t.diagnostic(`${requests} requests: ${JSON.stringify(byStatus)}`);
      assert.equal([...faults, ...target.faultsInside()].join('\n'), '');
    });
});
