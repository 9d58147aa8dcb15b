"""Ticks through the combined worker: a record is stored, models are called, their predictions are stored."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from crunch_node.config.runtime import RuntimeSettings
from crunch_node.config_loader import load_config
from crunch_node.db import DBFeedRecordRepository, create_session
from crunch_node.db.init_db import migrate
from crunch_node.feeds import FeedDataRecord
from crunch_node.services.feed_data import RepositorySink
from crunch_node.services.feed_window import FeedWindow
from crunch_node.services.predict_sink import PredictSink
from crunch_node.workers.predict_worker import build_predict_service, configure_logging
from measure import memory
from sqlalchemy import text
from synthetic import candle, minute

kept: dict[str, Any] = {"k": 0}


def prepare(window: int) -> None:
    """Wired as the worker's own `main` does it, with a feed of our own."""
    configure_logging()
    migrate()
    config = load_config()
    session = create_session()
    service = build_predict_service(session, config, RuntimeSettings.from_env())
    feed_window = FeedWindow(max_size=120, pair_to_asset=config.feed_subject_mapping)
    kept["service"] = service
    kept["sinks"] = [
        RepositorySink(DBFeedRecordRepository(session)),
        PredictSink(predict_service=service, feed_window=feed_window),
    ]
    kept["loop"] = asyncio.new_event_loop()
    for _ in range(window):
        feed_window.append(_next())


def ticks(count: int) -> dict:
    cpu = time.process_time()
    ms = kept["loop"].run_until_complete(_ticks(count))
    return {"ms": ms, "cpu_ms": (time.process_time() - cpu) * 1000 / count, **memory()}


def predictions() -> list[int]:
    """How many there are, and how many of them a model answered."""
    query = "select count(*), count(*) filter (where status = 'PENDING') from predictions"
    with create_session() as session:
        return list(session.execute(text(query)).one())


def close() -> None:
    kept["loop"].run_until_complete(kept["service"].shutdown())


async def _ticks(count: int) -> list[float]:
    ms = []
    for _ in range(count):
        record = _next()
        kept["service"]._next_run.clear()  # its schedule would ask models every 15 seconds only
        begun = time.perf_counter()
        for sink in kept["sinks"]:
            await sink.on_record(record)
        ms.append((time.perf_counter() - begun) * 1000)
    return ms


def _next() -> FeedDataRecord:
    kept["k"] += 1
    k = kept["k"]
    return FeedDataRecord(
        source="binance",
        subject="BTCUSDT",
        kind="candle",
        granularity="1m",
        ts_event=int(minute(k).timestamp()),
        values=candle(k),
    )
