"""The same numbers as in bench/peer/synthetic.ts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

START = datetime(2024, 1, 1, tzinfo=UTC)
FIELDS = 9


def value(i: int, j: int) -> float:
    return ((i * 7919 + j * 104729) % 2000 - 1000) / 1000


def close(k: int) -> float:
    return 50000 + 500 * math.sin(k / 17) + 100 * math.sin(k / 3.1)


def candle(k: int) -> dict[str, float]:
    opened, closed = close(k - 1), close(k)
    return {
        "open": opened,
        "high": max(opened, closed) + 5,
        "low": min(opened, closed) - 5,
        "close": closed,
        "volume": 10 + k % 7,
    }


def model_id(i: int) -> str:
    return f"model-{i:04d}"


def minute(k: int) -> datetime:
    return START + timedelta(minutes=k)


def summary(i: int, j: int) -> dict[str, float]:
    return {f"metric_{field}": value(i, j + field) for field in range(FIELDS)}
