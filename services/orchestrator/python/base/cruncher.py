"""The base class of a model, for models that bring none of their own.

A ``cruncher.py`` beside a model comes first, as on the existing platform.
"""


class ModelBaseClass:
    """Derive from it and implement ``predict``.

    ``feed_update`` is called for every new record with ``{"symbol", "asof_ts", "candles_1m" or "ticks"}``, newest last,
    times in Unix seconds.
    """

    def __init__(self):
        self._latest = {}

    def feed_update(self, data):
        """Keeps the newest input of each symbol."""
        self._latest[data["symbol"]] = data

    def tick(self, data):
        """The older name of ``feed_update``."""
        self.feed_update(data)

    def latest(self, symbol):
        """The newest input of a symbol, or None before the first one."""
        return self._latest.get(symbol)

    def closes(self, symbol):
        """Closing prices of the newest input, oldest first; ticks count as prices of their own."""
        data = self.latest(symbol) or {}
        if "candles_1m" in data:
            return [candle["close"] for candle in data["candles_1m"]]
        return [tick["price"] for tick in data.get("ticks", [])]

    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        """What the model expects of the subject, such as ``{"value": 0.5}``."""
        raise NotImplementedError("expected the model to have a method predict")
