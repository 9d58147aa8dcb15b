import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import { decodeEvent, type Event, encodeEvent } from '@crunch-node/streams';
import {
  allVersions,
  breakingChanges,
  fileOf,
  historyFolder,
  recordedFiles,
  recordedOf,
  schemaOf,
} from './support/schema-history.ts';

const none = (faults: readonly string[]): void => assert.equal(faults.join('\n'), '');
const nameOf = (file: string): string => relative(historyFolder, file);

describe('the history of the wire format', () => {
  it('has every version of every event, with a message', () =>
    none(
      allVersions()
        .filter((place) => (recordedOf(place)?.messages.length ?? 0) === 0)
        .map((place) => `${nameOf(fileOf(place))} is missing or has no message: run scripts/schemas`),
    ));

  it('has nothing else: an event that was ever published is never removed', () => {
    const known = new Set(allVersions().map(fileOf));
    none(
      recordedFiles()
        .filter((file) => !known.has(file))
        .map((file) => `${nameOf(file)} has no event in streams/ any more`),
    );
  });

  it('changes no schema without a version', () =>
    none(
      allVersions()
        .filter(({ definition, v }) => v === definition.v)
        .flatMap((place) => {
          const [recorded, current] = [recordedOf(place)?.schema, schemaOf(place.definition)];
          if (recorded === undefined || JSON.stringify(recorded) === JSON.stringify(current)) return [];
          const breaking = breakingChanges(recorded, current);
          const remedy =
            breaking.length > 0
              ? `give it version ${place.v + 1} and an upcaster from ${place.v}: ${breaking.join('; ')}`
              : 'only optional members were added: record that with scripts/schemas';
          return [`${nameOf(fileOf(place))} changed: ${remedy}`];
        }),
    ));

  for (const place of allVersions()) {
    const { stream, definition, v } = place;
    it(`reads ${stream.name} ${definition.type} version ${v}, under the id and address it was published`, () => {
      for (const { nats_subject, message } of recordedOf(place)?.messages ?? []) {
        assert.equal(message.v, v);
        const decoded = decodeEvent(stream, encodeEvent(message as unknown as Event, message.obs as never));
        if (decoded.kind !== 'event') return assert.fail(JSON.stringify(decoded));
        const { event } = decoded;
        assert.equal(event.v, definition.v);
        assert.equal(definition.idOf(event.data as never), message.id);
        assert.equal(definition.natsSubjectOf(event.data as never), nats_subject);
      }
    });
  }
});

describe('the check of schema changes', () => {
  const object = (properties: object, required: string[]) => ({ type: 'object', properties, required });
  const text = { type: 'string' };

  it('lets optional members in', () =>
    assert.deepEqual(
      breakingChanges(object({ a: object({}, []) }, ['a']), object({ a: object({ b: text }, []), c: text }, ['a'])),
      [],
    ));

  it('names what breaks', () => {
    const before = object({ a: text, b: text }, ['a']);
    assert.deepEqual(breakingChanges(before, object({ a: text }, ['a'])), ['/ lost the member b']);
    assert.deepEqual(breakingChanges(before, object({ a: text, b: { type: 'number' } }, ['a'])), [
      '/b/type was "string", is "number"',
    ]);
    assert.match(breakingChanges(before, object({ a: text, b: text }, ['a', 'b'])).join(), /required/);
    assert.match(breakingChanges(before, object({ a: text, b: text, c: text }, ['a', 'c'])).join(), /member c/);
    assert.deepEqual(breakingChanges(text, { ...text, minLength: 1 }), ['/ gained minLength']);
  });
});
