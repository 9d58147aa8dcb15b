"""Scored predictions, snapshots and a leaderboard for the report worker."""

from __future__ import annotations

import w1
from crunch_node.db.session import create_session
from sqlalchemy import text

CHUNK = 200

SCORE = [
    """insert into scores (id, prediction_id, result_jsonb, success, scored_at)
    select 'SCR_' || id, id, jsonb_build_object('value', (inference_output_jsonb->>'value')::float8, 'prediction',
      (inference_output_jsonb->>'value')::float8, 'actual_return', 0.001, 'success', true, 'failed_reason', null),
      true, resolvable_at from predictions""",
    "update predictions set status = 'SCORED'",
    """insert into snapshots (id, model_id, period_start, period_end, prediction_count, result_summary_jsonb, meta_jsonb,
      created_at)
    select 'SNAP_' || models.id || '_' || j, models.id, moment, moment, 4,
      (select jsonb_object_agg(case when f = 0 then 'value' else 'metric_' || f end, random()) from generate_series(0, 8) as f),
      '{}', moment
    from models, generate_series(1, :snapshots) as j,
      lateral (select (select max(resolvable_at) from predictions) - (:snapshots - j) * interval '1 minute' as moment) as at""",
]


def prepare(models: int, inputs: int, snapshots: int = 10) -> None:
    """Everything as if `inputs` had been scored in the course of so many cycles."""
    w1.prepare(models)
    for first in range(1, inputs + 1, CHUNK):
        w1.fill(min(CHUNK, inputs + 1 - first), first, last=False)
    with create_session() as session:
        for statement in SCORE:
            session.execute(text(statement).bindparams(**({"snapshots": snapshots} if ":snapshots" in statement else {})))
        session.commit()
    w1.kept["service"].leaderboard_service.rebuild()
    w1.settle()
