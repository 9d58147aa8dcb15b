"""A backtest with the figures of production: the engine runs its own stages, and asks the model in this process."""

from __future__ import annotations

import copy
import datetime
import html
import json
import os
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Iterable, Mapping

from .engine import run_engine


class BacktestResult:
    """What came of a backtest. Times are UTC, numbers in the units of the competition."""

    def __init__(self, report: Mapping[str, Any], rows: list[dict[str, Any]], name: str, url: str | None) -> None:
        self.report = report
        self.rows = rows
        self.name = name
        self._url = url

    @property
    def model(self) -> Mapping[str, Any]:
        """The part of the report about the model."""
        return next(model for model in self.report["models"] if model["model_id"] == self.name)

    @property
    def predictions_df(self) -> Any:
        """A pandas data frame with a row per prediction: ``ts``, ``output``, ``actual``, ``score``, ``score_success``."""
        pandas = _pandas()
        frame = pandas.DataFrame(
            [
                {
                    "ts": row["performed_at"],
                    "subject": row["subject"],
                    "scope_key": row["scope_key"],
                    "output": row["output"],
                    "actual": row["ground_truth"],
                    "score": row["score"],
                    "score_success": row["outcome"] == "scored",
                    "failed_reason": row["failed_reason"],
                }
                for row in self.rows
            ]
        )
        if len(frame) > 0:
            frame["ts"] = pandas.to_datetime(frame["ts"], utc=True)
        return frame

    @property
    def metrics(self) -> dict[str, float | None]:
        """Scores by window as on the leaderboard, then metrics over all rounds. None: unavailable."""
        windows = {name: self.model["leaderboard"].get(name) for name in self.report["windows"]}
        return {**windows, **self.model["overall"]["metrics"]}

    @property
    def config(self) -> dict[str, Any]:
        return {key: self.report[key] for key in ("crunch_id", "from", "to", "records", "rounds", "ranking_key")}

    @property
    def diversity(self) -> Mapping[str, Any]:
        """How the model differs from those it ran with; from the coordinator's competition when it knows the model."""
        if self._url is not None:
            address = f"{self._url.rstrip('/')}/reports/models/{urllib.parse.quote(self.name)}/diversity"
            try:
                with urllib.request.urlopen(address, timeout=10) as answer:
                    return json.load(answer)
            except OSError:
                pass
        return self.model["diversity"]

    def summary(self, show_diversity: bool = True) -> str:
        """Prints and returns a table."""
        about = self.config
        lines = [
            f"Backtest of {self.name} in {about['crunch_id']}",
            f"{about['from']} to {about['to']}, {about['records']} records, {len(self.rows)} predictions",
            "",
            *(f"  {name:<24} {_shown(value)}" for name, value in self.metrics.items()),
        ]
        if show_diversity:
            lines += ["", *(f"  {one['code']}: {one['message']}" for one in self.diversity.get("guidance", []))]
        lines += [f"  warning: {warning}" for warning in self.report["warnings"]]
        text = "\n".join(lines)
        print(text)
        return text

    def plot(self) -> Any:
        """Sum of scores and drawdown over time, as a matplotlib figure."""
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError("expected matplotlib: pip install 'starter-challenge[plots]'") from error
        figure, axes = pyplot.subplots(2, 1, sharex=True)
        for axis, name in zip(axes, ("equity", "drawdown")):
            points = self.model[name]
            axis.plot([datetime.datetime.fromisoformat(at[:26]) for at, _ in points], [value for _, value in points])
            axis.set_title(name)
        return figure

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{_shown(value)}</td></tr>" for name, value in self.metrics.items())
        return f"<b>{html.escape(self.name)}</b><table>{rows}</table>"


class BacktestRunner:
    """Runs a model over history.

    :param model: an instance, which is copied for each run, so that a run begins with the model as it is now; or a
        function or class that makes one
    :param config: configuration module of the competition (``crunch.config.ts``); default: the engine's demonstration
    :param data: files or folders of recorded feeds (.csv, .parquet)
    :param coordinator_url: report API whose archive is used where there is no ``data``
    :param cache_dir: folder for files of the archive
    :param model_id: of the model in the competition, for ``diversity``
    """

    def __init__(
        self,
        model: Any,
        config: str | os.PathLike[str] | None = None,
        data: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None = None,
        coordinator_url: str | None = None,
        cache_dir: str | os.PathLike[str] = ".cache/backtest",
        model_id: str | None = None,
    ) -> None:
        self._model = model
        self._config = config
        self._data = data
        self._url = coordinator_url or os.environ.get("COORDINATOR_URL")
        self._cache_dir = cache_dir
        self._name = model_id or getattr(model, "__name__", type(model).__name__)

    def run(
        self,
        start: str | datetime.datetime | datetime.date | None = None,
        end: str | datetime.datetime | datetime.date | None = None,
        against: str | None = None,
        html_report: str | os.PathLike[str] | None = None,
        checks: bool = True,
        quiet: bool = True,
        options: Iterable[str] = (),
    ) -> BacktestResult:
        """Runs from the first record at or after ``start`` to the last one before ``end``.

        :param against: ``examples`` to rank it among the example models
        :param options: more options of ``crunch-node backtest``
        """
        arguments: list[str] = []
        if self._config is not None:
            arguments += ["--config", str(self._config)]
        else:
            arguments += ["--demo"]
        if self._data is not None:
            given = [self._data] if isinstance(self._data, (str, os.PathLike)) else list(self._data)
            arguments += ["--data", *map(str, given)]
        elif self._url is not None:
            arguments += ["--archive", self._url, "--cache", str(self._cache_dir)]
        for name, moment in (("--from", start), ("--to", end)):
            if moment is not None:
                arguments += [name, _text(moment)]
        if against is not None:
            arguments += ["--against", against]
        if html_report is not None:
            arguments += ["--html", str(html_report)]
        if not checks:
            arguments += ["--no-checks"]
        with tempfile.TemporaryDirectory(prefix="crunch-backtest-") as folder:
            report, rows = Path(folder) / "report.json", Path(folder) / "rows.jsonl"
            arguments += ["--json", str(report), "--rows", str(rows), *options]
            run_engine(self._create, self._name, arguments, quiet)
            with rows.open(encoding="utf-8") as lines:
                own = [row for row in map(json.loads, lines) if row["model_id"] == self._name]
            return BacktestResult(json.loads(report.read_text(encoding="utf-8")), own, self._name, self._url)

    def _create(self) -> Any:
        if isinstance(self._model, type):
            return self._model()
        if callable(self._model) and not hasattr(self._model, "predict"):
            return self._model()
        return copy.deepcopy(self._model)


def _text(moment: str | datetime.datetime | datetime.date) -> str:
    if isinstance(moment, datetime.datetime):
        utc = moment.astimezone(datetime.timezone.utc) if moment.tzinfo else moment
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat() if isinstance(moment, datetime.date) else moment


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.6f}"


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("expected pandas: pip install 'starter-challenge[pandas]', or use .rows") from error
    return pandas
