"""Writes days of made-up candles with the reference's own sink: `backtest_data.py <folder> <days>`."""

from __future__ import annotations

import sys
from datetime import timedelta

from crunch_node.entities.feed_record import FeedRecord
from crunch_node.services.parquet_sink import ParquetBackfillSink
from synthetic import START, candle

folder, days = sys.argv[1], int(sys.argv[2])
ParquetBackfillSink(folder).append_records(
    FeedRecord(
        source="binance",
        subject="BTCUSDT",
        kind="candle",
        granularity="1m",
        ts_event=START + timedelta(minutes=k),
        values=candle(k),
        meta={},
    )
    for k in range(days * 24 * 60)
)
