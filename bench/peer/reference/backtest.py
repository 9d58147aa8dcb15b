"""A backtest with the challenge package that is on the path: `backtest.py reference|ours <data> <days> [config]`.

Prints one line of JSON: the predictions, their scores by time, the metrics, and what the run itself took.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

from momentum import Momentum
from synthetic import START


def scored(prediction: dict, ground_truth: dict) -> dict:
    return {"value": prediction["value"] * ground_truth["profit"] * 10_000, "success": True}


def reference(data: str, days: int):
    from starter_challenge.backtest import BacktestRunner

    return BacktestRunner(model=Momentum(), scoring_fn=scored, cache_dir=data).run(
        source="binance",
        subject="BTCUSDT",
        kind="candle",
        granularity="1m",
        start=START,
        end=START + timedelta(days=days),
        window_size=120,
        prediction_interval_seconds=60,
        resolve_horizon_seconds=120,
    )


def ours(data: str, days: int, config: str):
    from starter_challenge import BacktestRunner

    runner = BacktestRunner(model=Momentum, data=data, config=config)
    # The reference looks for no look-ahead, so neither does this.
    return runner.run(start=START, end=START + timedelta(days=days), checks=False, options=["--no-resume"])


def main() -> None:
    system, data, days, *more = sys.argv[1:]
    begun = time.perf_counter()
    result = reference(data, int(days)) if system == "reference" else ours(data, int(days), *more)
    seconds = time.perf_counter() - begun
    frame = result.predictions_df
    scores = [
        [ts.timestamp(), None if score is None or score != score else float(score)]
        for ts, score in zip(frame["ts"], frame["score"])
    ]
    print(json.dumps({"seconds": seconds, "scores": scores, "metrics": result.metrics}))


main()
