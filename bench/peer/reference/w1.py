"""Cycles of the score worker over predictions that are all due."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from crunch_node.db.init_db import migrate
from crunch_node.db.session import create_session, engine
from crunch_node.db.tables import FeedRecordRow, InputRow, ModelRow, PredictionRow
from crunch_node.workers.score_worker import build_service, configure_logging
from measure import measured
from sqlalchemy import text
from synthetic import candle, minute, model_id, value

SCOPE_KEY = "prediction-btcusdt-120s"
WINDOW = 120
STAMPS = 10
CHUNK = 5_000

kept: dict[str, Any] = {}


def prepare(models: int) -> None:
    configure_logging()
    migrate()
    _insert(
        ModelRow,
        [
            {
                "id": model_id(i),
                "name": f"Model {i}",
                "deployment_identifier": f"deployment-{i}",
                "player_id": f"player-{i}",
                "player_name": f"Player {i}",
            }
            for i in range(models)
        ],
    )
    kept["service"] = build_service()
    kept["models"] = models


def fill(inputs: int, first: int, last: bool = True) -> None:
    """Feed records, inputs and pending predictions, an input a minute from minute `first`; `last`: all is there now."""
    minutes = range(first, first + inputs)
    _insert(FeedRecordRow, [_record(k) for k in range(first - 1, first + inputs + 2)])
    _insert(
        InputRow,
        [
            {
                "id": f"INP_{m}",
                "raw_data_jsonb": {
                    "symbol": "BTCUSDT",
                    "asof_ts": int(minute(m).timestamp()),
                    "candles_1m": [
                        {"ts": int(minute(k).timestamp()), **candle(k)} for k in range(m - WINDOW + 1, m + 1)
                    ],
                },
                "received_at": minute(m),
            }
            for m in minutes
        ],
    )
    _insert(PredictionRow, [_prediction(i, m) for m in minutes for i in range(kept["models"])])
    if last:
        settle()


def settle() -> None:
    """As a database that has had time: statistics made, pages written."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
        connection.execute(text("checkpoint"))


def cycle() -> dict:
    return measured(kept["service"].score_and_snapshot)


def totals() -> dict:
    with create_session() as session:
        count, total = session.execute(
            text("select count(*), sum((result_jsonb->>'value')::float8) from scores")
        ).one()
    return {"scores": count, "sum": total}


def _record(k: int) -> dict:
    return {
        "id": f"FEED_{k}",
        "source": "binance",
        "subject": "BTCUSDT",
        "kind": "candle",
        "granularity": "1m",
        "ts_event": minute(k),
        "values_jsonb": candle(k),
        "meta_jsonb": {},
    }


def _prediction(i: int, m: int) -> dict:
    at = minute(m)
    micros = int(at.timestamp() * 1_000_000)
    return {
        "id": f"PRE_{model_id(i)}_{SCOPE_KEY}_{at:%Y%m%d_%H%M%S}.000",
        "input_id": f"INP_{m}",
        "model_id": model_id(i),
        "prediction_config_id": "CFG_001",
        "scope_key": SCOPE_KEY,
        "scope_jsonb": {
            "scope_key": SCOPE_KEY,
            "subject": "BTCUSDT",
            "step_seconds": 15,
            "resolve_horizon_seconds": 120,
            "source": "binance",
            "kind": "candle",
            "granularity": "1m",
        },
        "status": "PENDING",
        "exec_time_ms": 1.5,
        "inference_output_jsonb": {"value": value(i, m)},
        "meta_jsonb": {"timing": {f"stamp_{s}_us": micros + s for s in range(STAMPS)}},
        "performed_at": at,
        "resolvable_at": at + timedelta(seconds=120),
    }


def _insert(table: Any, rows: list[dict]) -> None:
    """Rows that are there already stay: neighbouring cycles share feed records."""
    keys = {column.key for column in table.__table__.columns}
    now = minute(0)
    defaults = {key: now for key in ("created_at", "updated_at", "ts_ingested") if key in keys}
    defaults |= {key: json.loads(empty) for key, empty in EMPTY.items() if key in keys}
    statement = text(
        f"insert into {table.__tablename__} select * from json_populate_recordset(null::{table.__tablename__}, :rows)"
        " on conflict do nothing"
    )
    with create_session() as session:
        for at in range(0, len(rows), CHUNK):
            chunk = [{**defaults, **row} for row in rows[at : at + CHUNK]]
            session.execute(statement, {"rows": json.dumps(chunk, default=lambda moment: moment.isoformat())})
        session.commit()


EMPTY = {"overall_score_jsonb": "{}", "scores_by_scope_jsonb": "[]", "meta_jsonb": "{}"}
