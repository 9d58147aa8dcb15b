"""The base class of a model. What derives from it runs in production and in a backtest alike."""

from __future__ import annotations

import abc
from typing import Any


class ModelBaseClass(abc.ABC):
    """Derive from it and implement ``predict``.

    ``feed_update`` is called for every new record, ``predict`` when a prediction is due.
    """

    #: True where predictions depend on the newest input of each symbol and the arguments alone: backtests then ask about
    #: several stretches of the history at once.
    stateless: bool = False

    def __init__(self) -> None:
        self._latest: dict[str, dict[str, Any]] = {}

    def feed_update(self, data: dict[str, Any]) -> None:
        """Keeps the newest input of each symbol.

        :param data: ``{"symbol", "asof_ts", "candles_1m": [{"ts", "open", "high", "low", "close", "volume"}]}``,
            oldest first; ``ticks`` with ``ts`` and ``price`` in competitions of ticks. Times are Unix seconds.
        """
        self._latest[data["symbol"]] = data

    def latest(self, symbol: str) -> dict[str, Any] | None:
        """The newest input of a symbol; None before the first one."""
        return self._latest.get(symbol)

    def closes(self, symbol: str) -> list[float]:
        """Closing prices of the newest input, oldest first; ticks count as prices of their own."""
        data = self._latest.get(symbol) or {}
        return [candle["close"] for candle in data.get("candles_1m", [])] or [
            tick["price"] for tick in data.get("ticks", [])
        ]

    @abc.abstractmethod
    def predict(self, subject: str, resolve_horizon_seconds: int, step_seconds: int) -> Any:
        """What the model expects of ``subject`` in ``resolve_horizon_seconds``, for example ``{"value": 0.2}``."""


class TrackerBase(ModelBaseClass):
    """The same under the name that challenges use."""

    def tick(self, data: dict[str, Any]) -> None:
        """The older name of ``feed_update``."""
        self.feed_update(data)
