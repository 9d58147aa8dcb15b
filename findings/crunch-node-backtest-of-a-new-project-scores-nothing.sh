#!/usr/bin/env bash
# Expected: the backtest of a new crunch-node project gives its example model the scores that the project's own scoring
#   function gives to the same predictions and ground truths, as the engine does in production.
# True: every score is 0.0 and marked as failed, and nothing is raised or logged. The runner of the scaffold passes
#   dictionaries, the scoring function of the realtime pack reads attributes of pydantic models (the engine makes them
#   before it calls it, the runner does not). Metrics leave failed scores out, so they are empty or 0, as if the model
#   had no skill.
# Seen with: crunch-node 0.1.101 (scaffold and realtime pack as in the package), pandas 2.3.3, pydantic 2.14.4, Python 3.11.
#   Source: seen by running it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
# The package asks for Python 3.12, its templates run on 3.11.
pip --no-deps --ignore-requires-python crunch-node==0.1.101
pip pandas==2.3.3 numpy==2.4.6 pyarrow==18.1.0 pydantic==2.14.4
templates=$(echo "$folder"/venv/lib/python3*/site-packages/crunch_node/_templates)
cp -r "$templates/scaffold/challenge" "$folder/challenge"
cp -r "$templates/packs/realtime/challenge/." "$folder/challenge"
cd "$folder/challenge"
"$folder/venv/bin/python" - <<'PY'
import sys
from pathlib import Path

import pandas as pd
from starter_challenge.backtest import BacktestRunner
from starter_challenge.examples.momentum_tracker import MomentumTracker
from starter_challenge.scoring import PredictionGroundTruth, PredictionOutput, score_prediction

# Four hours of a price that rises by a thousandth a minute: a momentum model is right every time.
closes = [100 * 1.001**k for k in range(240)]
columns = {name: closes for name in ("open", "high", "low", "close")}
times = pd.date_range("2026-01-01", periods=len(closes), freq="min", tz="UTC")
days = Path("cache/made-up/BTC/candle/1m")
days.mkdir(parents=True)
pd.DataFrame({"ts_event": times, **columns, "volume": 1.0}).to_parquet(days / "2026-01-01.parquet")

result = BacktestRunner(model=MomentumTracker(), cache_dir="cache").run(
    source="made-up", subject="BTC", kind="candle", granularity="1m", start="2026-01-01", end="2026-01-01"
)
frame = result.predictions_df
known = frame[frame["actual"].notna()]
own = [
    score_prediction(PredictionOutput(**output), PredictionGroundTruth(**actual)).value
    for output, actual in zip(known["output"], known["actual"])
]
print(f"{len(known)} predictions, own scores from {min(own):.4f} to {max(own):.4f}")
print(f"backtest: scores {sorted(set(known['score']))}, marked as successful {sorted(set(known['score_success']))}")
print(f"metrics: {result.metrics}")
sys.exit(0 if min(own) > 0 and set(known["score"]) == {0.0} and set(known["score_success"]) == {False} else 1)
PY
