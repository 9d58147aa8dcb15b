"""Wall time, processor time and memory of this process."""

from __future__ import annotations

import resource
import time
from typing import Any, Callable


def measured(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds of wall time and of processor time that the work takes, and memory in MB."""
    cpu = time.process_time()
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "cpu_seconds": time.process_time() - cpu, **memory()}


def memory() -> dict[str, float]:
    """Resident memory now and at most, in MB."""
    with open("/proc/self/status") as status:
        resident = next(line for line in status if line.startswith("VmRSS:"))
    return {
        "rss_mb": int(resident.split()[1]) / 1024,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
