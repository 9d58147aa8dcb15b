import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { natsPermissions, natsUsers } from './permissions.ts';
import { services } from './services.ts';

const events = (user: Parameters<typeof natsPermissions>[0], namespace = '') =>
  natsPermissions(user, namespaceOf(namespace)).publish.filter((subject) => /^[a-z]/.test(subject));

describe('permissions on NATS', () => {
  it('let a stage append to its own stream and no other', () => {
    assert.ok(events('score').every((subject) => /^(scores|deadletters|lease_changed)\./.test(subject)));
    assert.ok(events('score').some((subject) => subject.startsWith('scores.')));
    assert.ok(events('rank').every((subject) => /^(leaderboards|deadletters|lease_changed)\./.test(subject)));
  });

  it('have one writer for every stream but dead letters', () => {
    for (const { name, natsSubjects } of allStreams.filter(
      ({ name }) => name !== 'DEADLETTERS' && name !== 'CONTROL',
    )) {
      const writers = services.filter((service) => natsSubjects.every((one) => events(service.name).includes(one)));
      assert.equal(writers.length, 1, `${name}: ${writers.map((writer) => writer.name).join(', ')}`);
    }
  });

  it('give each user an inbox of its own, and the namespace before every subject', () => {
    for (const user of natsUsers.filter((one) => one !== 'operator')) {
      assert.ok(natsPermissions(user, namespaceOf()).subscribe.includes(`_INBOX_${user}.>`));
      assert.ok(
        events(user, 'acme').every((subject) => subject.startsWith('acme.')),
        user,
      );
    }
    assert.ok(natsPermissions('score', namespaceOf('acme')).publish.includes('$KV.acme_leases.>'));
  });

  it('let read models and reports append nothing but what cannot be read', () => {
    assert.ok(events('project').every((subject) => subject.startsWith('deadletters.')));
    assert.ok(events('report').every((subject) => /^(deadletters|commands|queries)\./.test(subject)));
  });
});
