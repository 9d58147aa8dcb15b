"""A model for both backtests, without the base class of either."""

from __future__ import annotations


class Momentum:
    """Expects the mean return of the last five candles to continue."""

    def __init__(self) -> None:
        self.closes: list[float] = []

    def feed_update(self, data: dict) -> None:
        self.closes = [candle["close"] for candle in data["candles_1m"]]

    def tick(self, data: dict) -> None:
        self.feed_update(data)

    def predict(self, subject: str, resolve_horizon_seconds: int, step_seconds: int) -> dict[str, float]:
        closes = self.closes[-6:]
        if len(closes) < 6:
            return {"value": 0.0}
        returns = [after / before - 1 for before, after in zip(closes, closes[1:])]
        return {"value": sum(returns) / len(returns) * 100}
