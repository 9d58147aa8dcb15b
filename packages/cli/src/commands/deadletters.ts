import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { EventLog } from '@crunch-node/eventlog';
import {
  discardLetter,
  type Letter,
  letterNamed,
  payloadOf,
  readAgain,
  readLetters,
  redriveCorrected,
  redriveInPlace,
  sinceOf,
  stateOf,
} from '@crunch-node/operations/dead-letters';
import { projectionsNamed, replay } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { CrunchError } from '@crunch-node/streams/errors';
import { type Deployment, withDeployment } from '../deployment.ts';
import { printable } from '../show/printable.ts';
import { minute, table } from '../show/text.ts';

interface At {
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Those that are not settled; with `all` also the settled ones. */
export const runList = ({ dataDir, json, all }: At & { readonly all?: boolean }) =>
  withDeployment(dataDir, async ({ screen, log }) => {
    const letters = (await readLetters(await log())).filter((letter) => all || letter.settled === null);
    if (json) return screen.result(JSON.stringify(letters.map(asJson)));
    if (letters.length === 0) return screen.result(all ? 'no message was ever refused' : 'no open dead letters');
    screen.result(
      table(
        [{ title: 'dead letter' }, { title: 'state' }, { title: 'since' }, { title: 'subject' }, { title: 'reason' }],
        letters.map((letter) => {
          const { nats_subject, reason } = letter.rejected.data;
          return [letter.id, stateOf(letter), minute(sinceOf(letter)), clipped(nats_subject, 40), clipped(reason, 70)];
        }),
      ),
    );
  });

/** Everything known of one. */
export const runShow = (id: string, { dataDir, json }: At) =>
  withDeployment(dataDir, async ({ screen, log }) => {
    const letter = letterNamed(await readLetters(await log()), id);
    if (json) return screen.result(JSON.stringify(asJson(letter)));
    const { rejected, settled } = letter;
    const { nats_subject, headers, reason, refused_by } = rejected.data;
    const now = readAgain(letter);
    const lines = [
      ['state', settled === null ? 'open' : `${stateOf(letter)} by ${settled.data.by} at ${minute(settled.at)}`],
      ['subject', nats_subject],
      ['refused by', `${refused_by} at ${minute(rejected.at)}`],
      ['reason', reason],
      ['today', now.kind === 'event' ? `read as ${now.event.type} ${now.event.id}` : `${now.kind}, as then`],
      ...(settled?.type === 'MessageDiscarded' ? [['discarded', settled.data.reason]] : []),
      ...Object.entries(headers).map(([name, values]) => [name, values.join(', ')]),
      ['payload', shownBytes(payloadOf(letter))],
    ].map(([name = '', text = '']): [string, string] => [printable(name), printable(text)]);
    const width = Math.max(...lines.map(([name]) => name.length));
    screen.result([`  ${id}`, ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)].join('\n'));
  });

export const runDiscard = (id: string, { dataDir, reason }: At & { readonly reason: string }) =>
  withDeployment(dataDir, async ({ screen, log }) => {
    await discardLetter(await log(), id, reason, userInfo().username);
    screen.result(`${id} is discarded: it stays in its stream, and is not read`);
  });

/** With a corrected message, at the end of its stream; else in its place, by rebuilding the read models that skipped it. */
export const runRedrive = (id: string, { dataDir, payload }: At & { readonly payload?: string }) =>
  withDeployment(dataDir, async (deployment) => {
    const { screen } = deployment;
    const log = await deployment.log();
    const by = userInfo().username;
    if (payload !== undefined) {
      const { data } = await redriveCorrected(log, id, await bytesOf(payload), by);
      return screen.result(`${id} is redriven: ${data.event_id} is at sequence ${data.new_sequence}`);
    }
    const { data } = await redriveInPlace(log, id, (stream) => rebuildReadersOf(stream, log, deployment), by);
    screen.result(`${id} is redriven: ${data.event_id} is read at its place`);
  });

class PayloadUnreadable extends CrunchError {
  override readonly name = 'PayloadUnreadable';
  override readonly code = 'payload_unreadable';
  constructor(file: string, { message }: Error) {
    super(`expected a file with the corrected message, received --payload ${file}: ${message}`);
  }
}

const bytesOf = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: Error) => {
    throw new PayloadUnreadable(file, error);
  });

/** Tables of readers that skipped the message lack its rows, so a difference to the rebuilt ones is expected. */
async function rebuildReadersOf(stream: string, log: EventLog, { screen, databaseUrl, namespace }: Deployment) {
  const only = projectionsNamed(undefined).flatMap((projection) =>
    projection.stream.name === stream ? [projection.name] : [],
  );
  if (only.length === 0) return;
  screen.print(`rebuilding ${only.join(', ')}`);
  const context = { log, databaseUrl: await databaseUrl(), namespace, logger: createLogger('warn') };
  const { failed } = await replay(context, { only, accept: true });
  if (failed[0] !== undefined) throw failed[0].error;
}

const asJson = (letter: Letter) => ({
  id: letter.id,
  state: stateOf(letter),
  since: sinceOf(letter),
  ...letter.rejected.data,
  settled: letter.settled,
});

const clipped = (text: string, length: number): string => {
  const line = printable(text);
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
};

const SHOWN_BYTES = 2_000;

function shownBytes(bytes: Uint8Array): string {
  const rest = bytes.length > SHOWN_BYTES ? ` … (${bytes.length} bytes in all)` : '';
  const part = bytes.subarray(0, SHOWN_BYTES);
  try {
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).slice(0, SHOWN_BYTES) + rest;
  } catch {
    return Buffer.from(part).toString('hex') + rest;
  }
}
