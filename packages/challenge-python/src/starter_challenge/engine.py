"""Finds the engine, an npm package, and runs its backtest of a model in this process."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable

from .host import Host

COMMAND = Path("packages") / "cli" / "bin" / "crunch-node.js"


class EngineNotFound(RuntimeError):
    """The engine is not installed."""


class BacktestFailed(RuntimeError):
    """The engine ended without a result; the message is its own."""


def find_engine() -> list[str]:
    """The command of the engine: ``CRUNCH_NODE``, a repository around this file or folder, an installed package, the path.

    :raises EngineNotFound: with what to do
    """
    named = os.environ.get("CRUNCH_NODE")
    if named:
        return [_node(), named] if named.endswith(".js") else [named]
    for folder in [*Path(__file__).resolve().parents, *[Path.cwd(), *Path.cwd().parents]]:
        if (folder / COMMAND).exists():
            return [_node(), str(folder / COMMAND)]
        installed = folder / "node_modules" / ".bin" / "crunch-node"
        if installed.exists():
            return [str(installed)]
    on_path = shutil.which("crunch-node")
    if on_path:
        return [on_path]
    raise EngineNotFound(
        "expected the engine crunch-node, found none: install Node 20 and the npm package, run inside its repository, "
        "or name it in CRUNCH_NODE (the path of crunch-node.js)"
    )


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise EngineNotFound("expected node (20.19 or newer) on the path, found none: https://nodejs.org")
    return node


def run_engine(create: Callable[[], Any], name: str, arguments: list[str], quiet: bool) -> None:
    """Runs ``crunch-node backtest`` and answers what it asks the model, until it ends.

    :raises BacktestFailed: with what the engine printed
    """
    command = [*find_engine(), "backtest", "--bridge", name, *arguments]
    printed: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None, text=True
    ) as engine:
        assert engine.stdin is not None and engine.stdout is not None
        reader = None
        if quiet:
            import threading

            reader = threading.Thread(target=lambda: printed.append(engine.stderr.read()), daemon=True)
            reader.start()
        try:
            Host(create).serve(engine.stdout, engine.stdin)
        except BrokenPipeError:
            pass
        except BaseException:
            engine.terminate()
            raise
        finally:
            try:
                engine.stdin.close()
            except BrokenPipeError:
                pass
        code = engine.wait()
        if reader is not None:
            reader.join()
    if code != 0:
        raise BacktestFailed("".join(printed).strip()[-2_000:] or f"crunch-node backtest ended with {code}")
