"""How much of the pulse the colours hold at all: `python benchmarks/limits.py [--people FIRST END]`.

POS, CHROM, PBV and LGI mix the mean red, green and blue of the skin, and differ in how they find the three shares. Here
the shares are found with the answer in hand: in each window of 10 s the one mixture that comes nearest to the true
wave, by least squares, over the pixels that are truly skin. Where even that has the wrong rate, noise and movement look
like a pulse in all three colours at once. (Nearest need not mean the best rate, and POS mixes anew every 1.6 s: it is a
measure of what is left of the pulse, not a proof of what can be read.) Prints its errors beside those of the network,
which does not know the answer but sees where in the face something changes, by thirds of skin tone. About one minute
for the 60 people of a place.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from accuracy import WINDOW
from transfer import SECONDS, THIRDS

from rppg_lab import evaluation, inference, synthesis
from rppg_lab.datasets import made
from rppg_lab.models import load_weights, shipped_weights
from rppg_lab.recordings import RecordingFile, open_recordings
from rppg_lab.spectrum import bandpass, heart_rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=shipped_weights("physnet_wide"))
    parser.add_argument("--people", type=int, nargs=2, metavar=("FIRST", "END"), default=(2000, 2060))
    parser.add_argument("--domains", nargs="+", default=["office"], choices=list(synthesis.DOMAINS))
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    network = load_weights(chosen.weights)
    with tempfile.TemporaryDirectory() as folder:
        for domain in chosen.domains:
            path = made.make(
                Path(folder) / f"{domain}.h5", subjects=range(*chosen.people), domain=domain, seconds=SECONDS
            )
            with open_recordings(path) as file:
                tone, rows = windows(file, network)
            path.unlink()
            parts = np.array_split(np.argsort(tone, kind="stable"), len(THIRDS))
            for name, part in [("all", np.arange(len(tone))), *zip(THIRDS, parts, strict=True)]:
                told = [f"{reader} {summary(*rows[reader][:, part])}" for reader in rows]
                print(f"{domain}, {name:6} ({len(part)} windows)  {';  '.join(told)}", flush=True)


def windows(file: RecordingFile, network: torch.nn.Module) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The tone of each window's person (n,); for each reader (3, n): its rate, the true one, correlation."""
    tone: list[float] = []
    rows: dict[str, list[tuple[float, float, float]]] = {"best mixture": [], "network": []}
    for name in file.info:
        one = file[name]
        frames, fs = file.frames(name)[:], one.fs
        colour = frames[:, one.truths["skin_mask"]].mean(axis=1, dtype=np.float64)
        wave = inference.predict_wave(network, frames, fs, window=WINDOW, step=WINDOW, mirrored=True)
        length = round(WINDOW * fs)
        for start in range(0, len(frames) - length + 1, length):
            part = slice(start, start + length)
            true = bandpass(one.bvp[part], fs)
            for reader, seen in (("best mixture", best_mixture(colour[part], true, fs)), ("network", wave[part])):
                rates = float(heart_rate(seen, fs)), float(heart_rate(one.bvp[part], fs))
                rows[reader].append((*rates, float(np.corrcoef(bandpass(seen, fs), true)[0, 1])))
            tone.append(one.truths["tone"])
    return np.array(tone), {reader: np.array(found).T for reader, found in rows.items()}


def best_mixture(colour: np.ndarray, true: np.ndarray, fs: float) -> np.ndarray:
    """The mixture (T,) of mean colours (T, 3) that is nearest to the true wave (T,), all in the heart's band."""
    changes = bandpass((colour / colour.mean(axis=0)).T, fs)
    shares, *_ = np.linalg.lstsq(changes.T, true, rcond=None)
    return shares @ changes


def summary(predicted_bpm: np.ndarray, true_bpm: np.ndarray, correlation: np.ndarray) -> str:
    errors = evaluation.errors(predicted_bpm, true_bpm)
    return f"MAE {errors['MAE']:5.2f}, {errors['over_5']:4.0%} off by over 5, correlation {correlation.mean():.2f}"


if __name__ == "__main__":
    main()
