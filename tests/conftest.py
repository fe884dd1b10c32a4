"""What every test needs: one thread, and a progress file that is not the learner's."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Before anything imports numpy or torch. Tests run side by side, so a second thread in each would only get in the way;
# and the number of threads is part of what makes two results equal to the bit.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

_FOLDER = Path(tempfile.mkdtemp(prefix="rppg-lab-test-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["RPPG_LAB_PROGRESS"] = str(_FOLDER / "progress.json")

import hypothesis  # noqa: E402  (after the variables above)
import matplotlib  # noqa: E402

matplotlib.use("agg")  # no window; said here and not by MPLBACKEND, which the kernels that tests start would inherit

# No deadline: a busy laptop is not a failure. The same examples every time: neither is luck.
hypothesis.settings.register_profile("lab", deadline=None, derandomize=True)
hypothesis.settings.load_profile("lab")

SLOWEST_SHOWN = 15


def pytest_configure(config):
    if config.option.durations is None:
        config.option.durations = SLOWEST_SHOWN
