"""Run by packages/cli/src/backtest/python-package.int.test.ts: the engine has to be there."""

import json
import sys
import unittest

from starter_challenge import BacktestRunner, TrackerBase
from starter_challenge.engine import BacktestFailed
from starter_challenge.host import Host

SHORT = ["--days", "0.03", "--seed", "notebook"]


class MyTracker(TrackerBase):
    def __init__(self, factor=100):
        super().__init__()
        self.factor = factor

    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        closes = self.closes(subject)
        return {"value": 0 if len(closes) < 6 else (closes[-1] / closes[-6] - 1) * self.factor}


class Backtest(unittest.TestCase):
    def test_a_run(self):
        model = MyTracker()
        result = BacktestRunner(model=model).run(against="examples", options=SHORT)
        self.assertEqual(len(result.rows), 82)
        self.assertEqual(result.config["records"], 86)
        self.assertIn("score_recent", result.metrics)
        self.assertIsInstance(result.metrics["ic"], float)
        self.assertIn("Backtest of MyTracker", result.summary())
        self.assertIn("guidance", result.diversity)
        self.assertEqual(result.report["warnings"], [])
        self.assertEqual(len(result.report["models"]), 9)
        self.assertIn("MyTracker", result._repr_html_())
        # The instance is as it was: a run has one of its own.
        self.assertIsNone(model.latest("BTCUSDT"))
        part = BacktestRunner(model=model).run(start="2024-01-01T00:10:00Z", checks=False, options=SHORT)
        self.assertEqual(part.config["records"], 66)
        self.assertEqual(part.config["from"], "2024-01-01T00:11:00.000000Z")

    def test_a_fault_of_the_engine(self):
        with self.assertRaisesRegex(BacktestFailed, "crunch.config.ts"):
            BacktestRunner(model=MyTracker(), config="no/crunch.config.ts").run()

    def test_a_stretch_of_items(self):
        host = Host(MyTracker)
        host.reset()
        items = [{"ts": i, "close": float(i + 1)} for i in range(8)]
        calls = [["update", "feed_update", "f", 1, 8, "S", "candles_1m", 7], ["call", "predict", ["S", 60, 15]]]
        request = {"items": {"f": items}, "keep_from": {}, "calls": calls, "deadline_ms": 1000, "mode": "ahead"}
        answers = json.loads(host.run(request))["answers"]
        self.assertEqual(answers, [["SUCCESS", None], ["SUCCESS", {"value": (8 / 3 - 1) * 100}]])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
