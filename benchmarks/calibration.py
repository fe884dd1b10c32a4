"""How hard are the made places? `python benchmarks/calibration.py [lab phone …] [--people FIRST END]`.

One protocol for all: the mean colour of the central half of the frame (the face box), the strongest rate of the whole
60 s recording within 0.7–4 Hz, the same estimator on the true wave, mean absolute error over the people. Beside it the
published errors (Liu et al., rPPG-Toolbox, NeurIPS 2023, table 2: whole videos, 0.75–2.5 Hz, boxes found by a detector)
of the public dataset that a place is to be about as hard as; and the rank correlation over the methods. The table's PBV
is not the paper's (see `pbv_of_the_table`), so both are printed, and the table's is compared.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from scipy.stats import spearmanr
from tqdm import tqdm

from rppg_lab import synthesis
from rppg_lab.methods import METHODS
from rppg_lab.spectrum import heart_rate

SECONDS = 60.0
PUBLISHED = {  # MAE, bpm
    "lab": ("UBFC-rPPG", {"GREEN": 19.81, "ICA": 14.70, "CHROM": 3.98, "POS": 4.00, "LGI": 15.80, "PBV": 15.90}),
    "phone": ("MMPD", {"GREEN": 21.68, "ICA": 18.60, "CHROM": 13.66, "POS": 12.36, "LGI": 17.08, "PBV": 17.95}),
}


def pbv_of_the_table(rgb: np.ndarray, fs: float) -> np.ndarray:
    """PBV as the published table computed it: (T, 3) -> (T,). Not the paper's, which `methods.pbv` is.

    The toolbox takes the whole recording as one window, and colours over their means without centring them. In place of
    the colour of the pulse, which the paper measured, it puts the standard deviations of the three channels, whatever
    made them vary (its file unsupervised_methods/methods/PBV.py).
    """
    relative = (rgb / rgb.mean(axis=0)).T
    signature = relative.std(axis=1) / np.linalg.norm(relative.std(axis=1))
    return np.linalg.solve(relative @ relative.T, signature) @ relative


ROWS = {**METHODS, "PBV": pbv_of_the_table, "PBV (paper)": METHODS["PBV"]}


def errors(subject: int, domain: str) -> dict[str, float]:
    """Absolute error of each method on one person's recording, bpm."""
    video = synthesis.make_video(subject, domain=domain, seconds=SECONDS)
    quarter = video.frames.shape[1] // 4
    middle = video.frames[:, quarter:-quarter, quarter:-quarter]
    rgb = middle.reshape(len(middle), -1, 3).mean(axis=1)
    true = heart_rate(video.bvp, video.fs)
    return {name: abs(float(heart_rate(method(rgb, video.fs), video.fs) - true)) for name, method in ROWS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("domains", nargs="*", default=list(synthesis.DOMAINS), help="default: all")
    parser.add_argument("--people", type=int, nargs=2, metavar=("FIRST", "END"), default=(300, 330))
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    people = range(*chosen.people)
    for domain in chosen.domains:
        with ProcessPoolExecutor(chosen.processes) as pool:
            jobs = pool.map(partial(errors, domain=domain), people)
            found = list(tqdm(jobs, total=len(people), desc=domain, unit="person"))
        dataset, published = PUBLISHED.get(domain, ("", {}))
        print(f"\n{domain}, {len(people)} people: MAE (bpm), share off by more than 5; published on {dataset or '–'}")
        means = {}
        for name in ROWS:
            values = np.array([one[name] for one in found])
            means[name] = values.mean()
            beside = f"{published[name]:6.2f}  ratio {means[name] / published[name]:.2f}" if name in published else ""
            print(f"{name:11} {means[name]:6.2f} {np.mean(values > 5):5.0%}  {beside}")
        if published:
            order = spearmanr([means[name] for name in published], list(published.values())).statistic
            print(f"rank correlation over the {len(published)} methods: {order:.2f}")


if __name__ == "__main__":
    main()
