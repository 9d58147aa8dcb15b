"""``crunch-backtest``: the engine's ``backtest`` with this interpreter for Python models."""

from __future__ import annotations

import os
import subprocess
import sys

from .engine import EngineNotFound, find_engine


def main() -> None:
    try:
        command = find_engine()
    except EngineNotFound as error:
        sys.exit(f"crunch-backtest: {error}")
    # The interpreter that has this package has the model's as well.
    environment = {"PYTHON": sys.executable, **os.environ}
    sys.exit(subprocess.call([*command, "backtest", *sys.argv[1:]], env=environment))
