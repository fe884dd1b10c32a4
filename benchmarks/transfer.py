"""How well a network reads people and places it never met: `python benchmarks/transfer.py [--weights FILE]`.

Makes people whom nothing was trained on or chosen by, 20 s each in every domain, and prints the mean error of 10 s
windows of the network, which sees each window and its mirror image as in `rppg-lab read`, with 95 % intervals over
people, beside that of POS on the same pictures (the mean colour of the middle half of the box), the errors in `lab` by
thirds of skin tone, and how much faster than real time one core is.
About 12 minutes on two cores for the 60 people of each domain.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from accuracy import SHOWN, WINDOW, rates_of_method, row

from rppg_lab import evaluation, experiment, synthesis
from rppg_lab.datasets import made
from rppg_lab.models import load_weights, shipped_weights
from rppg_lab.recordings import open_recordings

SECONDS = 20.0
THIRDS = ("light", "medium", "dark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=shipped_weights("physnet_wide"))
    parser.add_argument("--people", type=int, nargs=2, metavar=("FIRST", "END"), default=(2000, 2060))
    parser.add_argument("--domains", nargs="+", default=[*synthesis.DOMAINS, synthesis.WIDE])
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    network = load_weights(chosen.weights)
    print(f"{'':24}" + "  ".join(f"{key:22}" for key in SHOWN))
    with tempfile.TemporaryDirectory() as folder:
        for domain in chosen.domains:
            path = made.make(
                Path(folder) / f"{domain}.h5", subjects=range(*chosen.people), domain=domain, seconds=SECONDS
            )
            with open_recordings(path) as file:
                started = time.process_time()
                rates = experiment.predict_rates(network, file, window=WINDOW, mirrored=True)
                took = time.process_time() - started
                tone = {one.subject: one.truths["tone"] for one in file.values()}
            seen = f"{len(tone)} people, {SECONDS * len(tone) / took:.0f} times real time"
            print(row(f"{domain}: network", rates.predicted_bpm, rates.true_bpm, rates.subjects), f"({seen})")
            print(row(f"{domain}: POS", *rates_of_method("POS", path)), flush=True)
            if domain == "lab":
                print(by_tone(rates, tone), flush=True)
            path.unlink()


def by_tone(rates: experiment.Rates, tone: dict[str, float]) -> str:
    """The mean error of each third of the people."""
    people = np.array(rates.subjects)
    parts = np.array_split(sorted(tone, key=tone.get), len(THIRDS))
    found = []
    for name, part in zip(THIRDS, parts, strict=True):
        of_them = np.isin(people, part)
        error = evaluation.errors(rates.predicted_bpm[of_them], rates.true_bpm[of_them])["MAE"]
        found.append(f"{name} {error:.2f}")
    return f"{'lab: network by tone':24}MAE " + ", ".join(found)


if __name__ == "__main__":
    main()
