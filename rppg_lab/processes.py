"""How much of a computer the course takes."""

import os

MOST_AT_ONCE = 8  # on a shared server with many cores, others want to work too


def default_count() -> int:
    """How many processes may run at once here: one for each core that this process may use, up to 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_AT_ONCE)
