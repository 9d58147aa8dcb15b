import { type Static, Type } from '@sinclair/typebox';
import { Count, described, NullableNumber, NullableText, NullableTsZ, TsZ } from '../values/schemas.ts';

const Activity = Type.Unsafe<'unowned' | 'stopped' | 'starting' | 'idle' | 'working' | 'frozen'>({
  type: 'string',
  enum: ['unowned', 'stopped', 'starting', 'idle', 'working', 'frozen'],
});

const verdict = {
  activity: Activity,
  reached: described(NullableTsZ, 'end of the last cycle closed, or time of the last event in the rows'),
  behind_seconds: described(NullableNumber, 'event time to the newest cycle of the feeds'),
  behind_messages: NullableNumber,
  messages_per_second: NullableNumber,
  catch_up_seconds: NullableNumber,
  waits_for: Type.Array(Type.String(), { description: 'closings it waits for' }),
  still_seconds: NullableNumber,
};

const StageStatus = Type.Object(
  { service: Type.String(), partition: Type.String(), owner: NullableText, ...verdict },
  { title: 'StageStatus' },
);
const ProjectionStatus = Type.Object(
  { projection: Type.String(), stream: Type.String(), position: Count, ...verdict },
  { title: 'ProjectionStatus' },
);
const StreamStatus = Type.Object(
  { stream: Type.String(), messages: Count, last: Count, bytes: Count, created: Type.String() },
  { title: 'StreamStatus' },
);
const GenerationStatus = Type.Object(
  {
    projection: Type.String(),
    slot: Type.String({ description: 'current: what is read; next: being built; previous: what was replaced' }),
    version: Count,
    stage: Type.String(),
    began_at: Type.String(),
    switched_at: NullableText,
    keep_until: NullableText,
  },
  { title: 'GenerationStatus' },
);
const ProcessStatus = Type.Object(
  {
    host: Type.String(),
    pid: Count,
    uptime_seconds: Type.Number(),
    cpu_percent: Type.Number({ description: 'of one processor, since the look before' }),
    memory_bytes: Count,
  },
  { title: 'ProcessStatus', description: 'of the process that answers: with `up` it is everything' },
);

export const OperationsStatus = Type.Object(
  {
    at: described(TsZ, 'by the clock of the machine that looked'),
    pace: NullableText,
    stages: Type.Array(StageStatus),
    projections: Type.Union([Type.Array(ProjectionStatus), Type.Null()], {
      description: 'null: Postgres cannot be asked, and `postgres` has the reason',
    }),
    postgres: NullableText,
    generations: Type.Array(GenerationStatus),
    streams: Type.Array(StreamStatus),
    instances: Type.Record(Type.String(), Count, { description: 'live processes of each service' }),
    process: ProcessStatus,
  },
  { title: 'OperationsStatus' },
);
export type OperationsStatus = Static<typeof OperationsStatus>;

const letter = {
  id: Type.String({ description: '`dead:<stream>:<sequence>`' }),
  state: Type.Unsafe<'open' | 'redriven' | 'discarded'>({ type: 'string', enum: ['open', 'redriven', 'discarded'] }),
  since: TsZ,
  stream: Type.String(),
  sequence: Count,
  nats_subject: Type.String(),
  reason: Type.String(),
  refused_by: Type.String(),
  readable: Type.Boolean({ description: 'this release can read it as it is: a redrive needs no correction' }),
  redrive: described(NullableText, '`running`, or why the last attempt through this API failed; null: there was none'),
};
export const DeadLetter = Type.Object(letter, { title: 'DeadLetter' });
export type DeadLetter = Static<typeof DeadLetter>;

export const DeadLetterDetail = Type.Object(
  {
    ...letter,
    headers: Type.Record(Type.String(), Type.Array(Type.String())),
    payload: Type.String({ description: 'as UTF-8; what is none is replaced' }),
    payload_bytes: Count,
    settled_by: NullableText,
  },
  { title: 'DeadLetterDetail' },
);
export type DeadLetterDetail = Static<typeof DeadLetterDetail>;
