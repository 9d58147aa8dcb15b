"""A model that answers whatever a Python model can answer, by the name of the method that is called."""

import time

import numpy
import pandas
from cruncher import ModelBaseClass


class OddModel(ModelBaseClass):
    def predict(self, subject, resolve_horizon_seconds, step_seconds):
        return {"value": 0.5, "seen": len(self.seen), "horizon": self.horizon}

    def arguments(self, *args):
        return [[type(arg).__name__, arg] for arg in args]

    def keywords(self, asset, horizon=1, step=2):
        return {"asset": asset, "horizon": horizon, "step": step}

    def last_seen(self):
        return self.seen[-1]

    def nan(self):
        return float("nan")

    def nested_nan(self):
        return {"value": [float("nan"), float("inf"), -float("inf"), "NaN"]}

    def numpy_double(self):
        return numpy.float64(1.5)

    def numpy_single(self):
        return numpy.float32(1.5)

    def numpy_integer(self):
        return numpy.int64(3)

    def numpy_in_json(self):
        return {"value": numpy.int64(3)}

    def boolean(self):
        return True

    def integer(self):
        return -(2**40)

    def huge_integer(self):
        return 2**70

    def huge_integer_in_json(self):
        return {"value": 2**70}

    def text(self):
        return "h\u00e9llo \U0001f600 \x00"

    def broken_text(self):
        return {"value": "a\ud800b"}

    def broken_text_alone(self):
        return "a\ud800b"

    def frame(self):
        return pandas.DataFrame({"value": [1.0]})

    def a_tuple(self):
        return (1, 2)

    def a_set(self):
        return {"value": {1}}

    def integer_keys(self):
        return {300: 1.5, None: 2, True: 3}

    def nothing(self):
        return None

    def raises(self):
        raise ValueError("boom \x00 \u00e9" + "!" * 5000)

    def exits(self):
        raise SystemExit(3)

    def big(self, size):
        return {"value": "x" * size}

    def sleeps(self, seconds):
        time.sleep(seconds)
        return {"value": seconds}
