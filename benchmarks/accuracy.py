"""How well the course's recipe reads people it never saw: `python benchmarks/accuracy.py [--seeds 0 1 2]`.

Trains the recipe once per seed (a finished run is reused), and prints mean errors with 95 % intervals over subjects
beside POS and GREEN on the same box (mean colour of its central half), beside always saying the training people's
mean rate, and for the zero-pulse control, in which there is nothing to be found.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from rppg_lab import evaluation, experiment
from rppg_lab.datasets import made
from rppg_lab.methods import METHODS
from rppg_lab.models import load_weights
from rppg_lab.recordings import open_recordings
from rppg_lab.spectrum import window_rates

WINDOW = 10.0  # s
SHOWN = ("MAE", "RMSE", "median", "over_5", "r")


def row(name: str, predicted: np.ndarray, true: np.ndarray, subjects: list[str]) -> str:
    found, between = evaluation.errors(predicted, true), evaluation.error_intervals(predicted, true, subjects)
    cells = (f"{found[key]:6.2f} [{between[key][0]:5.2f}, {between[key][1]:5.2f}]" for key in SHOWN)
    return f"{name:24}" + "  ".join(cells)


def rates_of_method(name: str, path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    predicted, true, subjects = [], [], []
    with open_recordings(path) as file:
        for one in tqdm(file.values(), desc=name, unit="recording"):
            height, width = one.frames.shape[1:3]
            frames = one.frames[:, height // 4 : -(height // 4), width // 4 : -(width // 4)]
            rgb = frames.reshape(len(frames), -1, 3).mean(axis=1)
            predicted.append(window_rates(METHODS[name](rgb, one.fs), one.fs, WINDOW))
            true.append(window_rates(one.bvp, one.fs, WINDOW))
            subjects += [one.subject] * len(true[-1])
    return np.concatenate(predicted), np.concatenate(true), subjects


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--recipe", default="lab")
    parser.add_argument("--people", type=int, nargs=2, metavar=("FIRST", "END"), help="others than those of lab_test")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(chosen, Path(folder))


def measure(chosen: argparse.Namespace, folder: Path) -> None:
    settings = experiment.load_settings(experiment.recipe(chosen.recipe))
    tested, pulseless = Path(settings.test_path), made.sample("lab_control")
    if chosen.people:
        people = range(*chosen.people)
        tested = made.make(folder / "others.h5", subjects=people)
        pulseless = made.make(folder / "control.h5", subjects=people, seconds=20.0, pulse=False)
    rows, control_rows = [], []
    for seed in chosen.seeds:
        report = experiment.run(replace(settings, seed=seed))
        network = load_weights(report.weights)
        with open_recordings(tested) as file:
            rates = experiment.predict_rates(network, file, window=WINDOW, progress=True)
        rows.append(row(f"PhysNet, seed {seed}", rates.predicted_bpm, rates.true_bpm, rates.subjects))
        with open_recordings(pulseless) as file:
            control = experiment.predict_rates(network, file, window=WINDOW, progress=True)
        control_rows.append(row(f"PhysNet, seed {seed}", control.predicted_bpm, control.true_bpm, control.subjects))
    for name in ("POS", "GREEN"):
        rows.append(row(name, *rates_of_method(name, tested)))
        control_rows.append(row(name, *rates_of_method(name, pulseless)))
    with open_recordings(settings.data_path) as file:
        mean = np.mean([window_rates(one.bvp, one.fs, WINDOW).mean() for one in file.values()])
    rows.append(row("always the mean", np.full_like(rates.true_bpm, mean), rates.true_bpm, rates.subjects))
    control_rows.append(
        row("always the mean", np.full_like(control.true_bpm, mean), control.true_bpm, control.subjects)
    )

    head = f"{'':24}" + "  ".join(f"{key:22}" for key in SHOWN)
    people = len(set(rates.subjects))
    print(f"\n{people} unseen people, {len(rates.true_bpm)} windows of {WINDOW:g} s; 95 % intervals over people; bpm")
    print("\n".join([head, *rows]))
    print(
        f"\nthe same people without a pulse, {len(control.true_bpm)} windows: errors against the rate that was left out"
    )
    print("\n".join([head, *control_rows]))


if __name__ == "__main__":
    main()
