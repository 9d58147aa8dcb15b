"""Rebuilding the leaderboard from a thousand snapshots of every model."""

from __future__ import annotations


import w1
from crunch_node.db.session import create_session, engine
from measure import measured
from sqlalchemy import text

FILL = """
insert into snapshots (id, model_id, period_start, period_end, prediction_count, result_summary_jsonb, meta_jsonb, created_at)
select 'SNAP_' || m || '_' || j, 'model-' || lpad(m::text, 4, '0'),
  now() - (:snapshots - j) * interval '1 minute', now() - (:snapshots - j) * interval '1 minute', 20,
  (select jsonb_object_agg(case when f = 0 then 'value' else 'metric_' || f end,
      ((m * 7919::bigint + (j + f) * 104729::bigint) % 2000 - 1000) / 1000.0) from generate_series(0, 8) as f),
  '{}', now()
from generate_series(0, :models - 1) as m, generate_series(1, :snapshots) as j
"""


def prepare(models: int, snapshots: int) -> None:
    w1.prepare(models)
    with create_session() as session:
        session.execute(text(FILL), {"models": models, "snapshots": snapshots})
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
        connection.execute(text("checkpoint"))


def rebuild() -> dict:
    return measured(w1.kept["service"].leaderboard_service.rebuild)


def entries() -> int:
    query = "select jsonb_array_length(entries_jsonb) from leaderboards order by created_at desc limit 1"
    with create_session() as session:
        return session.execute(text(query)).scalar_one()
