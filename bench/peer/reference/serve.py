"""Runs work on the reference engine: each line of JSON on standard input is a call, each line of output its result."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the engine prints goes to its log
    for line in sys.stdin:
        request = json.loads(line)
        try:
            module = importlib.import_module(request["module"])
            answer = {"result": getattr(module, request["call"])(**request["arguments"])}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
