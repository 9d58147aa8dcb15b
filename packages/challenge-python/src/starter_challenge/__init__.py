"""What a participant installs: the base class of a model, and a backtest with the figures of production."""

from .backtest import BacktestResult, BacktestRunner
from .cruncher import ModelBaseClass, TrackerBase

__all__ = ["BacktestResult", "BacktestRunner", "ModelBaseClass", "TrackerBase"]
