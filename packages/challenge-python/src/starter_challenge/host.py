"""Runs a model for the engine: a line of JSON in, a line of JSON out, many calls in each.

The engine sends new feed items once and refers to stretches of them, so that what a call costs is the model's own time.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Callable, IO

from . import cruncher as own_cruncher

OLD_NAMES = {"feed_update": "tick"}
MOST_CHARACTERS = 2_000


class BadImplementation(Exception):
    """There is no usable model."""


class Host:
    """Answers the engine about one model.

    :param create: makes a fresh instance
    """

    def __init__(self, create: Callable[[], Any]) -> None:
        self._create = create
        self._model: Any = None
        self._methods: dict[str, Any] = {}
        self._feeds: dict[str, list[Any]] = {}
        self._offsets: dict[str, int] = {}
        self._is_passing = False

    def reset(self) -> dict[str, Any]:
        try:
            self._model = self._create()
        except Exception as error:  # the participant's code: whatever it raises is the answer
            return {"failed": f"{type(error).__name__}: {error}"[:MOST_CHARACTERS]}
        self._methods.clear()
        self._feeds.clear()
        self._offsets.clear()
        self._is_passing = False
        return {"ready": type(self._model).__name__, "stateless": getattr(self._model, "stateless", False) is True}

    def run(self, request: dict[str, Any]) -> str:
        for feed, items in request["items"].items():
            self._feeds.setdefault(feed, []).extend(items)
            self._offsets.setdefault(feed, 0)
        if request["mode"] == "resume":
            self._is_passing = False
        if self._is_passing and request["mode"] == "ahead":
            return '{"passed": true, "answers": []}'
        deadline = request["deadline_ms"] / 1000
        answers: list[str] = []
        for call in request["calls"]:
            begun = time.perf_counter()
            answer = self._answer(call)
            if time.perf_counter() - begun > deadline:
                answers.append('["DEADLINE_EXCEEDED", null]')
                if request["mode"] != "single":
                    self._is_passing = True
                break
            answers.append(answer)
        self._forget(request["keep_from"])
        return '{"passed": false, "answers": [' + ", ".join(answers) + "]}"

    def _answer(self, call: list[Any]) -> str:
        try:
            method = self._method(call[1])
            if call[0] == "update":
                _, _, feed, first, last, symbol, name, asof = call
                offset = self._offsets[feed]
                # Copies, since a model may change what it is given.
                items = [item.copy() for item in self._feeds[feed][first - offset : last - offset]]
                value = method({"symbol": symbol, "asof_ts": asof, name: items})
            else:
                keywords = call[3] if len(call) > 3 else {}
                value = method(*copy.deepcopy(call[2]), **copy.deepcopy(keywords))
            return SUCCESS if value is None else '["SUCCESS", ' + encoded(value) + "]"
        except BadImplementation as error:
            return json.dumps(["BAD_IMPLEMENTATION", str(error)])
        except Exception as error:  # the participant's code: whatever it raises is the answer
            return json.dumps(["MODEL_FAILED", (str(error) or type(error).__name__)[:MOST_CHARACTERS]])

    def _method(self, name: str) -> Any:
        method = self._methods.get(name)
        if method is None:
            method = getattr(self._model, name, None) or getattr(self._model, OLD_NAMES.get(name, ""), None)
            if not callable(method):
                raise BadImplementation(f"the model has no method {name}")
            self._methods[name] = method
        return method

    def _forget(self, keep_from: dict[str, int]) -> None:
        for feed, first in keep_from.items():
            begun = first - self._offsets.get(feed, 0)
            if begun > 10_000:
                del self._feeds[feed][:begun]
                self._offsets[feed] = first

    def serve(self, lines: IO[str], out: IO[str]) -> None:
        for line in lines:
            request = json.loads(line)
            reply = json.dumps(self.reset()) if request["kind"] == "reset" else self.run(request)
            out.write(reply + "\n")
            out.flush()


SUCCESS = '["SUCCESS", null]'


def encoded(value: Any) -> str:
    """JSON as a model runner sends it: truth values at the top are integers."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return json.dumps(value)


def load(path: str, class_name: str) -> Callable[..., Any]:
    """The model class of a file: the one that is named, else, as the runner of production looks at them, the first by name."""
    file = Path(path)
    sys.path.insert(0, str(file.parent))
    if importlib.util.find_spec("cruncher") is None:
        # The name under which production has the base class.
        sys.modules["cruncher"] = own_cruncher
    spec = importlib.util.spec_from_file_location(file.stem.replace("-", "_"), file)
    if spec is None or spec.loader is None:
        raise BadImplementation(f"expected a Python file, received {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if class_name:
        found = getattr(module, class_name, None)
        if not callable(found):
            raise BadImplementation(f"expected {path} to have a class {class_name}")
        return found
    own = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if value.__module__ == module.__name__ and hasattr(value, "predict")
    ]
    usable = [value for value in own if not inspect.isabstract(value)]
    if not usable:
        raise BadImplementation(f"expected {path} to have a class with a method predict")
    return usable[0]


def main() -> None:
    out = sys.stdout
    # What a model prints must not come between the answers.
    sys.stdout = sys.stderr
    path, class_name, keywords = sys.argv[1:]

    def create() -> Any:
        try:
            return load(path, class_name)(**json.loads(keywords))
        except Exception:
            traceback.print_exc()
            raise

    Host(create).serve(sys.stdin, out)


if __name__ == "__main__":
    main()
