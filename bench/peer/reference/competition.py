"""The reference's realtime pack with the metrics its engine computes by default."""

from config.crunch_config import CrunchConfig
from crunch_node.crunch_config import CrunchConfig as Defaults

COMPETITION = CrunchConfig(metrics=Defaults().metrics)
