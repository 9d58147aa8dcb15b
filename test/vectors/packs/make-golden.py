#!/usr/bin/env python3
"""Writes golden.json: what the packages of the live competitions make of densities and quantiles.

    python3.11 -m venv venv
    venv/bin/pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 densitypdf==0.1.4 scoringrules==0.10.0 numba==0.68.1 sortedcontainers==2.4.0 requests==2.34.2
    venv/bin/pip install --no-deps --ignore-requires-python crunch-synth==0.15.0 condorgame==0.5.3 birdgame==0.3.1
    venv/bin/python make-golden.py [folder of the flu forecasts]

condorgame asks for Python 3.12 and runs on 3.11 too, hence --ignore-requires-python. What the packages want beyond this
(plots, downloads of prices) is stubbed, since nothing of it takes part in a score. Without the folder the flu part of an
existing golden.json is kept. The weighted interval score is that of the numba backend: without numba, scoringrules 0.10.0
adds the median where its documentation has the distance to it (findings/scoringrules-wis-without-numba.sh).
"""
import gzip
import hashlib
import importlib
import json
import math
import random
import sys
import types
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import scipy.stats
import scoringrules

for stub in ("plotly", "plotly.graph_objects", "plotly.express", "plotly.subplots", "tqdm", "tqdm.auto"):
    sys.modules.setdefault(stub, MagicMock())
# only its constants and evaluator are wanted, not what its __init__ downloads
for name in ("crunch_synth",):
    found = importlib.util.find_spec(name)
    package = types.ModuleType(name)
    package.__path__ = list(found.submodule_search_locations)
    sys.modules[name] = package
bird = importlib.util.find_spec("birdgame")
package = types.ModuleType("birdgame")
package.__path__ = list(bird.submodule_search_locations)
package.HORIZON = 3
package.GAME_PARAMS = {}
sys.modules["birdgame"] = package

from birdgame.trackers.tracker_evaluator import TrackerEvaluator as BirdEvaluator
from birdgame.trackers.trackerbase import TrackerBase as BirdTracker
from condorgame import tracker_evaluator as condor
from condorgame.tracker import TrackerBase as CondorTracker
from crunch_synth import tracker_evaluator as synth
from crunch_synth import volatility
from crunch_synth.prices import PriceStore
from crunch_synth.tracker import TrackerBase as SynthTracker
from crunch_synth.utils.density_pdf import density_pdf_vectorized
from crunch_synth.utils.densitytosimulations import simulate_points
from crunch_synth.utils.distributions import round_significant
from densitypdf import density_pdf

HERE = Path(__file__).parent
dice = random.Random(13)


def builtin(name, **params):
    return {"type": "builtin", "name": name, "params": params}


def scipy_(name, **params):
    return {"type": "scipy", "name": name, "params": params}


def mixture(*parts):
    return {"type": "mixture", "components": [{"density": d, "weight": w} for d, w in parts]}


BUILTIN = [
    builtin("norm", loc=0.5, scale=2.0),
    builtin("norm", loc=-120.0, scale=310.0),
    builtin("norm", loc=3.0, scale=0.001),
    builtin("expon", loc=-1.0, scale=2.5),
    builtin("t", df=3.2, loc=0.1, scale=1.5),
    builtin("t", df=30.0, loc=0.1, scale=25.0),
    builtin("weibull_min", c=1.7, loc=-2.0, scale=3.0),
    builtin("weibull_max", c=2.2, loc=4.0, scale=3.0),
    builtin("gamma", a=2.5, loc=-3.0, scale=1.2),
    builtin("beta", a=2.0, b=3.5, loc=-4.0, scale=9.0),
    builtin("lognorm", s=0.6, loc=-2.0, scale=2.0),
    builtin("chi", df=3.0, loc=-2.0, scale=1.5),
    builtin("chi2", df=4.0, loc=-3.0, scale=0.8),
    builtin("rayleigh", loc=-1.5, scale=2.0),
    builtin("pareto", b=3.0, loc=-4.0, scale=2.0),
    builtin("cauchy", loc=0.2, scale=0.7),
    builtin("laplace", loc=-0.3, scale=1.1),
    builtin("f", dfn=5.0, dfd=12.0, loc=-1.0, scale=1.5),
]
SCIPY = [
    scipy_("norm", loc=1.0),
    scipy_("t", df=4.5, loc=-0.2, scale=1.3),
    scipy_("uniform", loc=-2.0, scale=5.0),
    scipy_("logistic", loc=0.4, scale=0.9),
    scipy_("gumbel_r", loc=-0.5, scale=1.2),
    scipy_("gumbel_l", loc=0.5, scale=1.2),
    scipy_("halfnorm", loc=-1.0, scale=2.0),
    scipy_("skewnorm", a=4.0, loc=-1.0, scale=2.0),
    scipy_("skewnorm", a=-0.7, loc=1.0, scale=2.0),
    scipy_("gennorm", beta=1.3, loc=0.2, scale=1.4),
    scipy_("invgamma", a=3.5, loc=-1.0, scale=4.0),
    scipy_("lognorm", s=0.9, scale=1.3),
]
MIXTURES = [
    mixture((builtin("norm", loc=-1.0, scale=0.5), 0.3), (builtin("norm", loc=2.0, scale=1.5), 0.7)),
    mixture((builtin("norm", loc=0.0, scale=1.0), -2.0), (builtin("laplace", loc=1.0, scale=2.0), 1.0)),
    mixture((mixture((builtin("t", df=5.0, loc=0.0, scale=1.0), 1.0), (builtin("norm", loc=2.0, scale=0.3), 3.0)), 2.0),
            (scipy_("logistic", loc=-2.0, scale=0.5), 1.0)),
]
STATISTICS = [{"type": "statistics", "name": "normal", "params": {"mu": 0.3, "sigma": 1.7}}]


def scipy_of(density):
    params = dict(density["params"])
    if density["type"] == "statistics":
        return scipy.stats.norm(loc=params["mu"], scale=params["sigma"])
    return getattr(scipy.stats, density["name"])(**params)


def densities():
    rows = []
    for density in BUILTIN + SCIPY + MIXTURES + STATISTICS:
        leaf = density["type"] != "mixture"
        middle = float(scipy_of(density).median()) if leaf else 0.4
        spread = float(scipy_of(density).ppf(0.8) - scipy_of(density).ppf(0.2)) if leaf else 2.0
        xs = [middle + spread * k for k in (-1.6, -0.7, 0.05, 0.4, 1.9)]
        row = {"density": density, "xs": xs}
        row["pdf"] = [float(p) for p in density_pdf_vectorized(density, xs)]
        if density["type"] != "statistics":  # densitypdf 0.1.4 raises a TypeError for those
            scalar = [float(density_pdf(density, x)) for x in xs]
            assert np.allclose(scalar, row["pdf"], rtol=1e-9, atol=0), density
        if leaf:
            row["cdf"] = [float(v) for v in scipy_of(density).cdf(xs)]
            row["levels"] = [0.001, 0.05, 0.5, 0.9, 0.995]
            row["ppf"] = [float(v) for v in scipy_of(density).ppf(row["levels"])]
        width = 6 * spread
        row["synth"] = [
            {"x": x, "t": width, "points": 1024,
             "crps": synth.crps_integral(density, x, t_min=-width, t_max=width, num_points=1024)}
            for x in (xs[1], xs[3], 3 * width)
        ]
        if density["type"] != "statistics":
            row["condor"] = [
                {"x": x, "t": width, "points": 256,
                 "crps": condor.crps_integral(density, x, t_min=-width, t_max=width, num_points=256)}
                for x in (xs[1], xs[3])
            ]
        rows.append(row)
    return rows


def price_path(start, seconds, every, price, size):
    path, dice_ = [], random.Random(int(price))
    for t in range(start, start + seconds + 1, every):
        if dice_.random() < 0.06:
            continue  # minutes go missing
        price += dice_.gauss(0, size)
        path.append([t + (dice_.choice([0, 0, 0, 7])), price])
    return path


def forecast(horizon, step, size, seed):
    noise = random.Random(seed)
    out = []
    for k in range(horizon // step):
        scale = size * math.sqrt(step / 60) * noise.uniform(0.6, 1.8)
        parts = [(builtin("norm", loc=noise.gauss(0, 0.1 * scale), scale=scale), noise.random())]
        if k % 3 == 1:
            parts.append((builtin("t", df=4.0, loc=0.0, scale=1.5 * scale), noise.random()))
        if k % 7 == 2:
            parts.append((builtin("laplace", loc=0.0, scale=scale), noise.random()))
        out.append({"step": (k + 1) * step, **mixture(*parts)})
    return out


def evaluated(base, evaluator, asset, horizon, steps, price, size, every, offset, **options):
    """One prediction from the evaluator's own quarantine: enqueued, resolved, scored."""
    start = 1_750_000_000
    history = [[start - 60 * k, price - k] for k in range(5, 0, -1)] + [[start, price]]
    after = [[t + offset, p] for t, p in price_path(start + every, horizon - every, every, price, size)]
    if after[-1][0] != start + horizon:
        after.append([start + horizon, after[-1][1] + size])
    after = [[t, p] for t, p in after if t <= start + horizon]

    class Model(base):
        def predict(self, asset, horizon, step):
            return json.loads(json.dumps(forecast(horizon, step, size, step)))

    tracker = Model()
    judge = evaluator(tracker, **options)
    judge.tick({asset: history})
    predictions = tracker.predict_all(asset, horizon, steps)
    judge.quarantine_group.add(asset, start, predictions, horizon, steps)
    judge.tick({asset: after})
    waiting = judge.quarantine_group.pop(asset, start + horizon - 1)
    entries = judge.quarantine_group.pop(asset, start + horizon)
    assert waiting == [] and len(entries) == 1
    score = judge._score_quarantines(asset, entries)
    raw = {str(step): forecast(horizon, step, size, step) for step in steps}
    return {"asset": asset, "horizon": horizon, "steps": steps, "start": start, "entry": history[-1],
            "prices": after, "answer": raw, "score": float(score)}


def rounds():
    steps_1h, steps_24h = [60, 300, 900, 1800, 3600], [300, 3600, 21600, 86400]
    return {
        "synth": [
            evaluated(SynthTracker, synth.TrackerEvaluator, "BTC", 3600, steps_1h, 65000.0, 40.0, 60, 0),
            evaluated(SynthTracker, synth.TrackerEvaluator, "SOL", 86400, steps_24h, 180.0, 0.2, 300, 0),
        ],
        "condor": [evaluated(CondorTracker, condor.TrackerEvaluator, "ETH", 3600, steps_1h, 3200.0, 2.0, 60, 0)],
    }


def birds():
    """Ticks come irregularly; which prediction is judged at which tick is birdgame's own rule."""
    ticks, t = [], 0.0
    for _ in range(40):
        t += dice.choice([0.2, 0.9, 1.0, 1.3, 4.0])
        ticks.append([round(t, 3), dice.gauss(20, 1.5)])

    class Model(BirdTracker):
        def tick(self, payload, performance_metrics=None):
            self.last = payload

        def predict(self):
            x = self.last["dove_location"]
            return mixture((builtin("norm", loc=x, scale=0.8), 0.7), (builtin("t", df=3.0, loc=x, scale=2.0), 0.3))

    judge = BirdEvaluator(Model(horizon=3))
    judged = []
    for time, place in ticks:
        judge.tick_and_predict({"time": time, "dove_location": place, "falcon_location": 0.0, "falcon_id": 1,
                                "falcon_wingspan": 0.2})
        judged.append(None if judge.last_score is None else float(judge.last_score))
    return {"horizon": 3, "ticks": ticks, "likelihoods": judged, "overall": judge.overall_likelihood_score()}


def quantile_scores():
    rows = []
    alphas = [0.02, 0.05] + [round(0.1 * k, 1) for k in range(1, 10)]
    levels = sorted({round(a / 2, 4) for a in alphas} | {round(1 - a / 2, 4) for a in alphas} | {0.5})
    for case in range(24):
        values = sorted(dice.gauss(100, 40) for _ in levels)
        if case % 4 == 3:  # crossing ones
            i, j = dice.randrange(len(values)), dice.randrange(len(values))
            values[i], values[j] = values[j], values[i]
        if case % 6 == 5:
            values = [round(v / 20) * 20 for v in values]  # ties
        truth = dice.gauss(100, 60)
        at = dict(zip(levels, values))
        lower = np.array([at[round(a / 2, 4)] for a in alphas])
        upper = np.array([at[round(1 - a / 2, 4)] for a in alphas])
        rows.append({
            "levels": levels, "values": values, "truth": truth, "alphas": alphas,
            "pinball": [float(scoringrules.quantile_score(truth, v, l)) for l, v in zip(levels, values)],
            "interval": [float(scoringrules.interval_score(truth, lo, up, a)) for lo, up, a in zip(lower, upper, alphas)],
            "wis": float(scoringrules.weighted_interval_score(truth, at[0.5], lower, upper, np.array(alphas), backend="numba")),
            "crps": float(scoringrules.crps_quantile(truth, np.array(values), np.array(levels))),
        })
    return rows


def normals():
    """Closed forms, which the grids come near to."""
    return [{"mu": m, "sigma": s, "x": x, "crps": float(scoringrules.crps_normal(x, m, s))}
            for m, s, x in [(0.0, 1.0, 0.3), (2.0, 0.5, 4.0), (-3.0, 7.0, 1.0)]]


def flu(folder):
    table = {}
    with gzip.open(Path(folder) / "flusight_observations_2022_2023.csv.gz", "rt") as file:
        next(file)
        for line in file:
            ts, series, value = line.rstrip("\n").split(",")
            table[(ts, series)] = float(value)
    forecasts = {}
    with gzip.open(Path(folder) / "flusight_quantile_forecasts_2022_2023.csv.gz", "rt") as file:
        next(file)
        for line in file:
            issued, target, series, model, level, value = line.rstrip("\n").split(",")
            forecasts.setdefault((issued, target, series, model), {})[float(level)] = float(value)
    alphas = np.array([0.02, 0.05] + [round(0.1 * k, 1) for k in range(1, 10)])
    sums = {}
    for (issued, target, series, model), at in sorted(forecasts.items()):
        truth = table[(target, series)]
        levels = sorted(at)
        lower = np.array([at[round(a / 2, 4)] for a in alphas])
        upper = np.array([at[round(1 - a / 2, 4)] for a in alphas])
        values = np.array([at[l] for l in levels])
        one = sums.setdefault(model, {"forecasts": 0, "quantiles": 0, "crossing": 0, "pinball": [], "wis": [], "covered_50": 0, "covered_95": 0})
        one["forecasts"] += 1
        one["quantiles"] += len(levels)
        one["crossing"] += int(np.any(np.diff(values) < 0))
        one["pinball"].append(float(np.mean(scoringrules.quantile_score(truth, values, np.array(levels)))))
        one["wis"].append(float(scoringrules.weighted_interval_score(truth, at[0.5], lower, upper, alphas, backend="numba")))
        one["covered_50"] += int(at[0.25] <= truth <= at[0.75])
        one["covered_95"] += int(at[0.025] <= truth <= at[0.975])
    return {model: {**one, "pinball": math.fsum(one["pinball"]) / one["forecasts"], "wis": math.fsum(one["wis"]) / one["forecasts"]}
            for model, one in sums.items()}


def volatilities():
    rng = np.random.default_rng(5)
    paths = 65000 + np.cumsum(rng.normal(0, 30, size=(50, 61)), axis=1)
    real = 65000 + np.cumsum(rng.normal(0, 40, size=61))
    real[[7, 8, 30]] = np.nan
    score, details = volatility.calculate_vol_crps_for_miner(paths, real, 60)
    return {"paths": paths.round(6).tolist(), "real": [None if math.isnan(v) else round(v, 6) for v in real],
            "crps": float(volatility.calculate_vol_crps_for_miner(paths.round(6), real.round(6), 60)[0]),
            "ensembles": [{"x": 1.5, "members": [1.0, 2.0, 4.0, -1.0], "crps": volatility.crps_ensemble(1.5, np.array([1.0, 2.0, 4.0, -1.0]))}]}


def volatile_rounds():
    """Scores of an hour, paths drawn by numpy and scipy.stats included: what the evaluator adds to the price CRPS."""
    steps = [60, 300, 900, 1800, 3600]
    rows = []
    for asset, price, size in (("BTC", 65000.0, 40.0), ("SOL", 180.0, 0.1), ("HYPE", 40.0, 0.03)):
        row = evaluated(SynthTracker, synth.TrackerEvaluator, asset, 3600, steps, price, size, 60, 0)
        prices = PriceStore()
        prices.add_bulk({asset: [row["entry"], *row["prices"]]})
        answer = {int(step): densities for step, densities in row["answer"].items()}
        result = volatility.score_volatility(asset, (row["start"] + 3600, answer, steps), prices)
        rows.append({**row, "volatility": result["vol_score"]})
    return rows


DRAWN = [
    builtin("norm", loc=1.0, scale=2.0), builtin("expon", loc=0.5, scale=3.0), builtin("t", df=3.5, loc=0.0, scale=1.0),
    builtin("weibull_min", c=1.7, loc=0.0, scale=1.0), builtin("gamma", a=0.4, loc=0.0, scale=1.0),
    builtin("gamma", a=2.5, loc=0.0, scale=1.0), builtin("gamma", a=1.0, loc=0.0, scale=1.0),
    builtin("beta", a=0.5, b=0.7, loc=0.0, scale=1.0), builtin("beta", a=2.0, b=0.5, loc=0.0, scale=1.0),
    builtin("lognorm", s=0.5, loc=0.0, scale=1.0), builtin("chi", df=3.0, loc=0.0, scale=1.0),
    builtin("chi2", df=0.9, loc=0.0, scale=1.0), builtin("rayleigh", loc=0.0, scale=1.0),
    builtin("pareto", b=2.5, loc=0.0, scale=1.0), builtin("cauchy", loc=0.0, scale=1.0),
    builtin("laplace", loc=-1.0, scale=0.5), builtin("f", dfn=3.0, dfd=7.0, loc=0.0, scale=1.0),
    {"type": "scipy", "name": "uniform", "params": {}}, {"type": "scipy", "name": "logistic", "params": {"scale": 2.0}},
    {"type": "scipy", "name": "gumbel_r", "params": {}}, {"type": "scipy", "name": "gumbel_l", "params": {}},
    {"type": "scipy", "name": "halfnorm", "params": {}}, {"type": "scipy", "name": "skewnorm", "params": {"a": -3.0}},
    {"type": "scipy", "name": "gennorm", "params": {"beta": 1.3}}, {"type": "scipy", "name": "invgamma", "params": {"a": 2.5}},
    mixture((builtin("norm", loc=0.0, scale=1.0), 0.3), (builtin("t", df=4.0, loc=5.0, scale=1.0), -0.5), (builtin("laplace", loc=9.0, scale=1.0), 0.1)),
    mixture((builtin("norm", loc=0.0, scale=1.0), 2.0)),
    mixture((mixture((builtin("norm", loc=0.0, scale=1.0), 1.0), (builtin("norm", loc=3.0, scale=1.0), 1.0)), 0.7), (builtin("norm", loc=9.0, scale=1.0), 0.3)),
]


def draws():
    rows = []
    for seed, density in enumerate(DRAWN, 4_000_000_000):
        np.random.seed(seed)
        values, _ = simulate_points(density, num_simulations=9)
        rows.append({"seed": seed, "density": density, "values": [float(v) for v in values]})
    return rows


ROUNDING = [123456.5, 123457.5, 1234565.0, 1234575.0, 0.1234565, 1.0000005, 999999.5, 9999995.0, 1e-7, -2.5000005, 3.14159265358979, 1e22, 5e-324]
target = HERE / "golden.json"
kept = json.loads(target.read_text())["flu"] if target.exists() and len(sys.argv) < 2 else None
golden = {
    "versions": {name: version(name) for name in
                 ("crunch-synth", "condorgame", "birdgame", "densitypdf", "scoringrules", "numba", "numpy", "scipy")},
    "python": sys.version.split()[0],
    "densities": densities(),
    "rounding": [{"value": v, "digits": 6, "rounded": round_significant(v, 6)} for v in ROUNDING],
    "rounds": rounds(),
    "bird": birds(),
    "quantiles": quantile_scores(),
    "normals": normals(),
    "volatility": volatilities(),
    "draws": draws(),
    "volatile_rounds": volatile_rounds(),
    "flu": flu(sys.argv[1]) if len(sys.argv) > 1 else kept,
}
target.write_text(json.dumps(golden, separators=(",", ":"), allow_nan=False) + "\n")
print(f"{target.name}: {target.stat().st_size} bytes, sha256 {hashlib.sha256(target.read_bytes()).hexdigest()[:12]}")
