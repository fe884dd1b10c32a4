"""What each lesson costs a computer: `python benchmarks/lessons.py [06 07 …]`.

Executes the solutions one after another, as the builder does, on one thread, and asks each kernel at its end for its
own CPU seconds (imports and figures included), the wall time, its longest cell and the most memory it ever held.
Runs go to a temporary folder, so no training is found finished. Budgets: lessons 01–05 75 s, lessons 06–12 240 s.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from rppg_lab.folders import data_folder

SOLUTIONS = Path(__file__).parents[1] / "solutions"
BUDGETS = {"01–05": (range(1, 6), 75.0), "06–12": (range(6, 13), 240.0)}
ASK = """
import psutil as _psutil, sys as _sys, time as _time
if _sys.platform == "win32":
    _most = _psutil.Process().memory_info().peak_wset
else:
    import resource as _resource
    _most = _resource.getrusage(_resource.RUSAGE_SELF).ru_maxrss * (1 if _sys.platform == "darwin" else 1024)
print(_time.process_time(), _most)
"""


def cost(path: Path) -> tuple[float, float, float, float]:
    """CPU seconds, wall seconds, seconds of the longest cell, and peak memory (MB) of one solution."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    started, cells = time.perf_counter(), []

    def ended(cell, cell_index, **_):
        cells.append(time.perf_counter())

    client = NotebookClient(notebook, timeout=600, kernel_name="python3", on_cell_executed=ended)
    client.execute(cwd=str(path.parent))
    cpu, memory = map(float, notebook.cells[-1].outputs[0]["text"].split())
    longest = max(b - a for a, b in zip([started, *cells], cells, strict=False))
    return cpu, time.perf_counter() - started, longest, memory / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="default: all")
    chosen = parser.parse_args().lessons
    paths = [path for path in sorted(SOLUTIONS.glob("[0-9][0-9]_*.ipynb")) if not chosen or path.name[:2] in chosen]
    os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "RPPG_LAB_DATA": str(data_folder())}
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"RPPG_LAB_RUNS": folder, "RPPG_LAB_PROGRESS": str(Path(folder) / "progress.json")}
        for path in tqdm(paths, unit="lesson", file=sys.stderr):
            rows[path.stem] = cost(path)
    print(f"{'':44}{'CPU s':>8}{'wall s':>8}{'cell s':>8}{'MB':>7}")
    for name, (cpu, wall, longest, memory) in rows.items():
        print(f"{name:44}{cpu:8.1f}{wall:8.1f}{longest:8.1f}{memory:7.0f}")
    for name, (numbers, budget) in BUDGETS.items():
        print(
            f"{name}: {sum(row[0] for stem, row in rows.items() if int(stem[:2]) in numbers):.0f} s of {budget:.0f} s"
        )


if __name__ == "__main__":
    main()
