import type { StateVerdict } from '../status/judge.ts';
import type { Answered, Facts, RoundFacts } from './facts.ts';
import { adviceFor, type Layer } from './playbook.ts';

/** One thing an operator must know. Each failure names the layer it is in and what to do. */
export interface Finding {
  readonly check: string;
  readonly layer: Layer;
  /** `waiting`: not there yet, and not overdue; `noted`: a cause of failures of some models, which stop no other */
  readonly state: 'ok' | 'waiting' | 'noted' | 'failed';
  readonly detail: string;
  readonly remedy: string | null;
}

type Judged = readonly [state: Finding['state'], detail: string, remedy?: string];

/** Every check in the order of the pipeline: the first failure is the one to mend first. */
export const judgeDeployment = (facts: Facts): readonly Finding[] => [
  finding('configuration', 'configuration', configuration(facts)),
  ...stages(facts),
  ...postgres(facts),
  finding('records', 'feed', records(facts)),
  finding('models', 'models', models(facts)),
  finding('predictions', 'predict', predictions(facts)),
  finding('scores', 'score', scores(facts)),
  ...api(facts),
  ...signals(facts),
  finding('unreadable messages', 'log', deadLetters(facts)),
  ...failures(facts),
];

const finding = (check: string, layer: Layer, [state, detail, remedy]: Judged): Finding => ({
  check,
  layer,
  state,
  detail,
  remedy: remedy ?? null,
});

const short = (hash: string): string => hash.slice(0, 12);
const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;

function configuration({ config: { own, fault, active, options = null } }: Facts): Judged {
  if (active === null) return ['failed', 'none was ever activated', 'crunch-node activate'];
  const about = `revision ${active.revision} (${short(active.hash)}) since ${time(active.atMs)}`;
  const asRun = `what runs is the demo of up ${options}: crunch-node verify-deployment ${options}`;
  if (own !== active.hash && options !== null) {
    return ['failed', `${about} runs, found here is ${own === null ? `none: ${fault}` : short(own)}`, asRun];
  }
  if (own === null)
    return ['failed', `${about} runs; the one found here does not load: ${fault}`, 'crunch-node config'];
  if (own === active.hash) return ['ok', about];
  return [
    'failed',
    `${about} runs, found here is ${short(own)}`,
    'where the one found here is the right one: crunch-node activate, then restart the services; else name the running one, by --config, --demo or the options it was started with',
  ];
}

const isBad = ({ activity }: StateVerdict): boolean => activity === 'frozen' || activity === 'unowned';

function stages({ status, config }: Facts): readonly Finding[] {
  if (config.active === null) return [];
  const services = [...new Set(status.stages.map(({ service }) => service))];
  return services.map((service) => {
    const partitions = status.stages.filter((stage) => stage.service === service);
    const bad = partitions.filter(isBad);
    const names = bad.map(({ partition }) => partition).join(', ');
    const [first] = bad;
    if (first === undefined) {
      const activities = [...new Set(partitions.map(({ activity }) => activity))].join(', ');
      const reached = partitions.map((stage) => stage.reached ?? '').sort()[0];
      return finding(service, 'stages', ['ok', `${activities}${reached ? `, reached ${reached}` : ''}`]);
    }
    if (first.activity === 'unowned') {
      const remedy = `start crunch-node serve ${service}; where it runs, its /readyz shows what it waits for, such as another configuration`;
      return finding(service, 'stages', ['failed', `no process owns ${names}`, remedy]);
    }
    const waits = first.waits_for.length > 0 ? `, waits for ${first.waits_for.join(', ')}` : '';
    const detail = `${names} stands still for ${Math.round(first.still_seconds ?? 0)} s with work to do${waits}`;
    return finding(service, 'stages', [
      'failed',
      detail,
      `crunch-node logs --service ${service} --level warn, then restart it`,
    ]);
  });
}

function postgres({ status }: Facts): readonly Finding[] {
  if (status.projections === null) {
    const judged: Judged = [
      'failed',
      `${status.postgres}`,
      'crunch-node doctor names what is wrong; stages go on without it',
    ];
    return [finding('Postgres', 'read model', judged)];
  }
  const bad = status.projections.filter(isBad);
  const lag = status.projections.reduce((most, projection) => Math.max(most, projection.lag), 0);
  if (bad.length === 0) return [finding('read model', 'read model', ['ok', `at most ${lag} events behind`])];
  const names = bad.map(({ projection }) => projection).join(', ');
  const remedy = 'crunch-node logs --service project; a halted projection needs crunch-node replay';
  return [finding('read model', 'read model', ['failed', `${names} do not move`, remedy])];
}

const unknown: Judged = ['waiting', 'unknown while Postgres cannot be asked'];

function records({ feeds, pace, nowMs, recordSeconds, latenessSeconds }: Facts): Judged {
  if (recordSeconds === null) return ['ok', 'rounds come on demand, there is no feed'];
  if (feeds === null) return unknown;
  const empty = feeds.filter(({ newestMs }) => newestMs === null).map(({ subject }) => subject);
  const remedy = 'crunch-node logs --service ingest: provider, credentials, names of subjects (FEED_OPT_…)';
  if (empty.length > 0) return ['failed', `no record of ${empty.join(', ')}`, remedy];
  const newest = feeds.map(({ subject, newestMs }) => `${subject} ${time(newestMs ?? 0)}`).join(', ');
  if (pace === 'replay') return ['ok', newest];
  const allowedMs = (3 * recordSeconds + latenessSeconds + 30) * 1000;
  const stale = feeds.filter(({ newestMs }) => nowMs - (newestMs ?? 0) > allowedMs);
  if (stale.length === 0) return ['ok', newest];
  const ages = stale.map(({ subject, newestMs }) => `${subject} for ${seconds(nowMs - (newestMs ?? 0))}`).join(', ');
  return ['failed', `nothing new of ${ages}, expected every ${recordSeconds} s`, remedy];
}

function models({ models: known }: Facts): Judged {
  if (known === null) return unknown;
  const running = known.filter(({ state }) => state === 'running');
  const failed = known.filter(({ state }) => state === 'failed');
  const about = `${running.length} of ${known.length} run`;
  const first = failed[0];
  const why =
    first === undefined
      ? ''
      : `; ${failed.length} given up on, such as ${first.model_name ?? first.model_id}: ${first.reason ?? 'no reason'}`;
  if (running.length > 0) return ['ok', about + why];
  return [
    'failed',
    about + why,
    'MODEL_RUNNER_NODE_HOST and _PORT, the log of the orchestrator; crunch-node logs --service predict',
  ];
}

function predictions({ rounds, pace, nowMs, roundSeconds, latenessSeconds, minutes, config }: Facts): Judged {
  if (rounds === null) return unknown;
  const { lastMs, answered, failed, absent, skipped } = rounds;
  // Rounds of records that were fetched from the past, or came too late: no model was asked.
  const leftOut = skipped.reduce((sum, { times }) => sum + times, 0);
  const asked = Math.max(0, rounds.rounds - leftOut);
  const about =
    `${asked} rounds in ${minutes} min: ${answered} answers, ${failed} failed, ${absent} absent` +
    (leftOut === 0 ? '' : `; besides ${leftOut} skipped, ${skipped[0]?.reason}`);
  if (lastMs === null)
    return roundSeconds === null
      ? ['waiting', 'no round yet']
      : ['waiting', 'no round yet, the first comes with a record'];
  const allowedMs = ((roundSeconds ?? 0) * 2 + latenessSeconds + 60) * 1000;
  if (pace === 'live' && roundSeconds !== null && nowMs - lastMs > allowedMs) {
    return [
      'failed',
      `the last round was ${seconds(nowMs - lastMs)} ago, expected every ${roundSeconds} s`,
      'crunch-node logs --service predict; the feed comes first, then the schedule (active, interval)',
    ];
  }
  if (leftOut > 0 && asked === 0) {
    const [first] = skipped;
    // After a start the feed's past is recorded first, and the first live round comes with the next record.
    const isNew =
      first?.reason.startsWith('older than') === true &&
      config.active !== null &&
      nowMs - config.active.atMs <= allowedMs;
    if (pace === 'live' && isNew)
      return ['waiting', `no live round yet; ${leftOut} of the past skipped, ${first?.reason}`];
    return ['failed', `every round was skipped: ${first?.reason}`, 'crunch-node logs --service predict --level warn'];
  }
  if (answered === 0 && failed + absent > 0)
    return ['failed', about, 'no model gives a usable answer: the causes are below'];
  return ['ok', about];
}

function scores({ rounds, pace, nowMs, cycleSeconds, latenessSeconds }: Facts): Judged {
  if (rounds === null) return unknown;
  const { scored, overdue, lastScoredMs } = rounds;
  if (overdue > 0) return ['failed', `${overdue} rounds are due and have no score`, overdueRemedy(rounds)];
  const next = rounds.nextDueMs === null ? null : rounds.nextDueMs + (cycleSeconds + latenessSeconds) * 1000;
  const expected =
    next === null || pace === 'replay' ? '' : `, the next expected by ${time(next)}, in ${seconds(next - nowMs)}`;
  if (lastScoredMs === null) return ['waiting', `none yet${expected}`];
  return ['ok', `${scored} scored, the last of a round at ${time(lastScoredMs)}${expected}`];
}

const overdueRemedy = ({ lastScoredMs }: RoundFacts): string =>
  `${lastScoredMs === null ? 'no score ever: ' : ''}crunch-node status shows which closing score waits for; ingest closes cycles, predict forwards them`;

function api({ api: answers }: Facts): readonly Finding[] {
  if (answers === null) {
    return [finding('API', 'API', ['failed', 'its address is not known', 'name it with --api http://host:port'])];
  }
  return answers.map((answer) => {
    const layer = answer.path.startsWith('/signals') ? ('signals' as const) : ('API' as const);
    return finding(`GET ${answer.path}`, layer, answered(answer, layer));
  });
}

function answered({ status, detail }: Answered, layer: Layer): Judged {
  if (status === 200) return ['ok', detail];
  if (status === 404 && layer === 'signals') return ['waiting', detail];
  if (status === null)
    return ['failed', detail, 'start crunch-node serve report, or mend the address given with --api'];
  if (status === 401 || status === 403)
    return ['failed', `${status}: ${detail}`, 'set API_KEY to a key with that permission'];
  return ['failed', `${status}: ${detail}`, 'crunch-node logs --service report --level error'];
}

/** The API answers with signals that have no value. */
const signals = ({ silent = [] }: Facts): readonly Finding[] =>
  silent.map(({ name, reason }) =>
    finding(`signals of ${name}`, 'signals', [
      'noted',
      `none has a value: ${reason}`,
      'scores come first (the causes are below), then filter, strategy and output_fields of the ensemble',
    ]),
  );

const deadLetters = ({ deadLetters: count }: Facts): Judged =>
  count === 0 ? ['ok', 'none'] : ['failed', `${count} wait to be settled`, 'crunch-node deadletters list'];

/** Causes of the last minutes, each with its own advice. They stop no other model, so they are no failure of the deployment. */
const failures = ({ failures: found }: Facts): readonly Finding[] =>
  found.map(({ what, reason, times, models: of, example, example_name }) => {
    const { layer, remedy } = adviceFor(what, reason ?? '');
    const named = example_name ?? example;
    const who = of === 1 ? `model ${named}` : `${of} models, such as ${named}`;
    return finding(`${what} failed`, layer, [
      'noted',
      `${times} ${times === 1 ? 'time' : 'times'}, ${who}: ${reason ?? 'no reason'}`,
      remedy,
    ]);
  });
