import { isIP } from 'node:net';
import { kept } from '../client/text.ts';
import type { FailureCode, ModelIdentity } from '../pool.ts';

/** A model as the orchestrator announces it, checked. */
export type Announcement =
  | {
      readonly state: 'RUNNING';
      readonly model: ModelIdentity;
      /** exactly as received: reports have to repeat it */
      readonly ip: string;
      readonly port: number;
      /** of the participant, for connections on which a model proves that it is his */
      readonly wallet: string | null;
      readonly hotkey: string | null;
    }
  | { readonly state: 'STOPPED' | 'RECOVERING'; readonly model: ModelIdentity };

export type OrchestratorMessage =
  | {
      readonly event: 'init' | 'update';
      readonly announcements: readonly Announcement[];
      /** every model the message names, also where the rest was unusable: a garbled entry is no departure */
      readonly named: readonly string[];
      /** ignored elements, and why */
      readonly faults: readonly string[];
    }
  | { readonly event: 'error'; readonly error: string }
  | { readonly event: 'unusable'; readonly fault: string };

export interface FailureReport {
  readonly model_id: string;
  readonly failure_code: FailureCode;
  readonly failure_reason: string | null;
  readonly ip: string;
}

export const encodeReport = (report: FailureReport): string =>
  JSON.stringify({ event: 'report_failure', data: [report] });

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOr = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value !== '' ? kept(value) : fallback;

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? kept(value) : null);

/** Reads one frame. Never throws: the orchestrator is not trusted, and one bad element spoils no other. */
export function readMessage(frame: string): OrchestratorMessage {
  let message: unknown;
  try {
    message = JSON.parse(frame);
  } catch {
    return { event: 'unusable', fault: `expected JSON, received ${JSON.stringify(frame.slice(0, 80))}` };
  }
  if (!isObject(message)) return { event: 'unusable', fault: 'expected an object with event and data' };
  if (typeof message.error === 'string') return { event: 'error', error: message.error };
  const { event, data } = message;
  if (event !== 'init' && event !== 'update') {
    return { event: 'unusable', fault: `expected event init or update, received ${JSON.stringify(event)}` };
  }
  if (!Array.isArray(data)) return { event: 'unusable', fault: `expected the data of ${event} to be a list` };
  const read = data.map(readAnnouncement);
  return {
    event,
    announcements: read.filter((one) => typeof one !== 'string'),
    named: data
      .filter(isObject)
      .map(modelIdOf)
      .filter((id) => id !== null),
    faults: read.filter((one) => typeof one === 'string'),
  };
}

/** It is part of addresses and of every id of the model's predictions. */
const LONGEST_ID = 256;

const modelIdOf = ({ model_id }: Fields): string | null =>
  typeof model_id === 'string' && model_id !== '' ? model_id : null;

/** An announcement, or its fault. */
function readAnnouncement(element: unknown): Announcement | string {
  if (!isObject(element)) return 'expected an object per model';
  const model_id = modelIdOf(element);
  if (model_id === null || kept(model_id) !== model_id || model_id.length > LONGEST_ID) {
    return `expected a model_id of at most ${LONGEST_ID} characters, received ${JSON.stringify(element.model_id)?.slice(0, 300)}`;
  }
  const infos = isObject(element.infos) ? element.infos : {};
  const cruncher_id = textOr(infos.cruncher_id, 'unknown-player');
  const model: ModelIdentity = {
    model_id,
    deployment_id: textOr(element.deployment_id, 'unknown-deployment'),
    model_name: textOr(infos.model_name, 'unknown-model'),
    cruncher_id,
    cruncher_name: textOr(infos.cruncher_name, 'Unknown'),
  };
  const { state, ip } = element;
  if (state === 'STOPPED' || state === 'RECOVERING') return { state, model };
  if (state !== 'RUNNING') return `expected a known state of model ${model_id}, received ${JSON.stringify(state)}`;
  const port = portOf(element.port);
  if (port === null) return `expected a port of model ${model_id}, received ${JSON.stringify(element.port)}`;
  if (typeof ip !== 'string' || !isHost(ip)) {
    return `expected a host name or address of model ${model_id}, received ${JSON.stringify(ip)}`;
  }
  const wallet = textOrNull(infos.cruncher_wallet_pubkey);
  return { state, model, ip, port, wallet, hotkey: textOrNull(infos.cruncher_hotkey) };
}

/** A number, or a numeric string: a runner with ports mapped to the host is announced with a string. */
function portOf(value: unknown): number | null {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

/** Host names and addresses only: a gRPC target can also name sockets, schemes and lists of addresses. */
const isHost = (ip: string): boolean =>
  isIP(ip) !== 0 || (ip.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?$/.test(ip));
