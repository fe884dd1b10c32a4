"""What `rppg-lab read` accepts and refuses: made people, the same people without a pulse, and scenes without anyone.

    python benchmarks/refusal.py [--people FIRST END] [--only people|scenes] [--check]
    python benchmarks/refusal.py --fit                  prints the numbers of rppg_lab/reading.py, from people 300–399
    python benchmarks/refusal.py --methods NETWORK [--domains lab office phone wide]
    python benchmarks/refusal.py --fit --methods NETWORK       prints those of its network, from the same people

The figures are of people 400–599, who had no part in the fit. Of the scenes, one kind after the other: a photograph, a
wall, an empty room, the dark, a flickering lamp, a mannequin. `--check` exits with 1 where a promise is broken: at most
1 % of the scenes accepted, at most 10 % of the people in the lab refused, no wrong rate called reliable, be it from a
compressed file. A pulseless person accepted is counted apart, but for the network, which is held to 1 % of them too.
For the network pulseless people under a lamp that beats are read as well, and promised nothing of: one in ten passes.
About 5 s of processor time for each number; all cores are used.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy

import av
import cv2
import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit
from tqdm import tqdm

from rppg_lab import physics, reading, synthesis, video
from rppg_lab.models import load_weights, shipped_weights
from rppg_lab.processes import default_count
from rppg_lab.spectrum import heart_rate
from rppg_lab.synthesis import GAMMA

FS, SECONDS, SIZE = 30.0, 20.0, 64
FIT, TEST = range(300, 400), range(400, 600)
RIGHT = 5.0  # bpm: nearer to the true rate, a reading is right
COMPRESSED = 10  # every so many-th person also comes from a compressed file
WEAKENED = (1.0, 0.5)  # of the made pulse; in the fit, so that it sees clips that are hard to read
NETWORK_PLACES = ("lab", "office", "lab", "phone", "lab", "wide")  # in its fit, in turn: it reads where POS cannot
PROMISED = ("POS", "CHROM")  # the methods that the promise is about, and the network; GREEN follows the light as well
RIDGE = 1.0
WRONG_COUNTS = 10.0
MARGIN = 0.3  # in log odds: the threshold lies so far above everything wrong in the fit
MOST_ACCEPTED, MOST_REFUSED = 0.01, 0.10


# ------------------------------------------------------------------------------------------------------------- scenes


def film(
    picture: np.ndarray,
    rng: np.random.Generator,
    seconds: float,
    *,
    sway: float = 0.004,
    flicker: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """A still picture (S, S, 3) in linear light as the lab's camera films it: (T, S, S, 3) uint8.

    The disturbances are those of `synthesis.DOMAINS["lab"]`: light that changes, colours that drift, noise. sway: of
    the camera or of the hand that holds the picture, share of its width. flicker: (T,) s → (T, 3), relative light.
    """
    place = synthesis.DOMAINS["lab"]
    count, size = round(seconds * FS), picture.shape[0]

    def size_of(typical: float) -> float:
        return typical * np.exp(rng.normal(0.0, synthesis.SPREAD))

    drift = np.stack([wander(rng, count, 0.05, 1.5) for _ in range(3)], axis=1)
    gain = 1 + size_of(place.brightness) * wander(rng, count, 0.05, 6.0)[:, None] + size_of(place.colour_drift) * drift
    if flicker is not None:
        gain = gain * (1 + flicker(np.arange(count) / FS))
    move = size_of(sway) * size * np.stack([wander(rng, count, 0.05, 2.0) for _ in range(2)], axis=1)
    # photon noise that shows as `place.noise` steps at mid grey, and the little that a camera has in the dark
    light = 0.5**GAMMA / place.exposure
    grain = place.noise / (np.sqrt(light) * 255 / GAMMA * 0.5 ** (1 - GAMMA) * place.exposure)
    picture = picture.astype(np.float32)
    frames = np.empty((count, size, size, 3), np.uint8)
    for i in range(count):
        shift = np.array([[1, 0, move[i, 0]], [0, 1, move[i, 1]]])
        scene = cv2.warpAffine(picture, shift, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        scene = scene * gain[i].astype(np.float32)
        noise, dark = rng.standard_normal((2, *scene.shape), dtype=np.float32)
        scene += np.sqrt(np.maximum(scene, 0)) * noise * np.float32(grain) + dark * np.float32(2e-4)
        frames[i] = np.rint(255 * np.clip(scene * place.exposure, 0, 1) ** (1 / GAMMA))
    return frames


def wander(rng: np.random.Generator, count: int, low: float, high: float) -> np.ndarray:
    """A smooth random walk (T,), standard deviation 1, power falling as 1/f between `low` and `high` Hz."""
    frequency = np.fft.rfftfreq(count, 1 / FS)
    amplitude = np.where((frequency >= low) & (frequency <= high), np.maximum(frequency, low) ** -0.5, 0.0)
    turned = rng.rayleigh(size=frequency.size) * np.exp(2j * np.pi * rng.random(frequency.size))
    wave = np.fft.irfft(amplitude * turned, count)
    return wave / wave.std()


def face_picture(number: int, rng: np.random.Generator) -> np.ndarray:
    """A made face that is only a picture."""
    face = synthesis.make_face(synthesis.evenly_spread(number)[0], SIZE, rng)
    head = face.head[..., None]
    return face.diffuse + face.shine[..., None] * head + (1 - head) * face.background


def wall_picture(number: int, rng: np.random.Generator) -> np.ndarray:
    """One colour with a grain, lit from one side."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    grain = cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE)), (0, 0), rng.uniform(1, 6))
    shade = 1 + 0.05 * grain / grain.std() + 0.2 * (rng.uniform(-1, 1) * x + rng.uniform(-1, 1) * y)
    return rng.uniform(0.05, 0.6) * rng.uniform(0.7, 1.1, 3) * shade.clip(0.1)[..., None]


def room_picture(number: int, rng: np.random.Generator) -> np.ndarray:
    """A wall with furniture: rectangles of any colour."""
    picture = wall_picture(number, rng)
    for _ in range(rng.integers(4, 10)):
        left, top = rng.uniform(-0.2, 0.9, 2) * SIZE
        wide, high = rng.uniform(0.1, 0.6, 2) * SIZE
        columns, rows = (slice(max(0, int(a)), max(0, int(a + b))) for a, b in ((left, wide), (top, high)))
        picture[rows, columns] = rng.uniform(0.02, 0.6) * rng.uniform(0.5, 1.1, 3)
    return picture


def photograph(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    return film(face_picture(number, rng), rng, seconds, sway=rng.choice([0.0, 0.004, 0.008]))


def wall(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    return film(wall_picture(number, rng), rng, seconds, sway=0.0)


def room(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    return film(room_picture(number, rng), rng, seconds, sway=rng.choice([0.0, 0.004]))


def dark(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A face or a room in a thirtieth to a thousandth of the light."""
    draw = (face_picture, room_picture)[rng.integers(2)]
    return film(draw(number, rng) * 10 ** rng.uniform(-3.0, -1.5), rng, seconds)


def lamp(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Something under a lamp that flickers in the heart's band, some in other colours than they shine."""
    draw = (wall_picture, room_picture, face_picture)[rng.integers(3)]
    rate, phase, size, second = (
        rng.uniform(0.75, 3.8), rng.uniform(0, 2 * np.pi), 10 ** rng.uniform(-3, -1.3), rng.uniform(0, 0.5),
    )  # fmt: skip
    colour = 1 + rng.normal(0, 0.15, 3) * (rng.random() < 0.7)

    def flicker(time: np.ndarray) -> np.ndarray:
        turn = 2 * np.pi * rate * time
        return size * (np.sin(turn + phase) + second * np.sin(2 * turn))[:, None] * colour

    return film(draw(number, rng), rng, seconds, sway=rng.choice([0.0, 0.004]), flicker=flicker)


def mannequin(number: int, rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A head of plastic, of no skin's colour, that does not move."""
    return film(face_picture(number, rng) * rng.uniform(0.7, 1.1, 3), rng, seconds, sway=0.0)


SCENES: dict[str, Callable[[int, np.random.Generator, float], np.ndarray]] = {
    "photograph": photograph,
    "wall": wall,
    "empty room": room,
    "dark": dark,
    "flickering lamp": lamp,
    "mannequin": mannequin,
}


def scene(kind: str, number: int, seconds: float = SECONDS) -> np.ndarray:
    """The frames (T, S, S, 3) uint8 of one scene without a pulse."""
    return SCENES[kind](number, np.random.default_rng([number, *kind.encode()]), seconds)


# ---------------------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Case:
    """One clip as cells, and its true rate: NaN where there is no pulse."""

    kind: str
    cells: np.ndarray
    true_bpm: float


@dataclass(frozen=True)
class Choices:
    """What is made: people in these places, each number in one of them in turn, read as so many cells; and scenes.

    weakened: the pulse's strengths; what lies between the video with and without it is the pulse alone. every_scene:
    all kinds for each second number instead of one kind for each. lamps: people without a pulse where a lamp beats.
    """

    places: tuple[str, ...] = ("lab",)
    grid: int = reading.GRID
    weakened: tuple[float, ...] = (1.0,)
    people: bool = True
    scenes: bool = True
    every_scene: bool = False
    lamps: bool = False


def grid_for(methods: list[str]) -> int:
    """Cells that are enough for all of the methods."""
    if reading.NETWORK not in methods:
        return reading.GRID
    return load_weights(shipped_weights(reading.NETWORK_WEIGHTS)).about["size"]


def lamp_over(made: synthesis.MadeVideo, number: int) -> np.ndarray:
    """A person's frames (T, S, S, 3) where a lamp beats in the heart's band: on everything, or on all but the skin.

    0.5 to 5 % from trough to peak; grey, reddish, or in the colour in which blood changes skin.
    """
    rng = np.random.default_rng([number, *b"lamp over"])
    rate, size = rng.uniform(0.75, 3.8), 10 ** rng.uniform(-2.3, -1.3)
    pulse = physics.pulse_colour(made.truths["tone"])
    colour = (np.ones(3), np.array([1.0, 0.2, 0.2]), pulse / pulse.max())[rng.integers(3)]
    where = 1.0 if rng.random() < 0.5 else 1.0 - made.truths["skin_mask"][..., None]
    beat = size / 2 * np.sin(2 * np.pi * rate * made.time)
    light = (made.frames / 255.0) ** GAMMA * (1 + beat[:, None, None, None] * colour * where)
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / GAMMA)).astype(np.uint8)


def person(number: int, choices: Choices, *, pulse: bool, crf: int | None = None, lamp: bool = False) -> Case:
    """A made person; crf: from a file that H.264 has compressed so much; lamp: where one beats."""
    place = choices.places[number % len(choices.places)]
    made = synthesis.make_video(number, domain=place, seconds=SECONDS, fs=FS, size=SIZE, pulse=pulse)
    true = float(heart_rate(made.bvp, FS)) if pulse else np.nan
    kind = ("person" if pulse else "no pulse") + ("" if place == "lab" else f", {place}")
    if lamp:
        return Case(f"lamp, {kind}", reading.cells_of(lamp_over(made, number), choices.grid), true)
    if crf is None:
        return Case(kind, reading.cells_of(made.frames, choices.grid), true)
    with tempfile.TemporaryDirectory() as folder:
        opened = video.read_video(write_file(Path(folder) / "person.mp4", made.frames, crf))
        boxes = np.tile([0.0, 0.0, opened.width, opened.height], (len(made.frames), 1))
        crops = video.crop_frames(opened, boxes, reading.CROP)
        return Case(f"{kind}, H.264", reading.cells_of(crops, choices.grid), true)


def compression(number: int) -> int:
    """How much a person's video is compressed, as x264 counts: 14 is hardly seen, 26 is a video call."""
    return int(np.random.default_rng(number).integers(14, 27))


def write_file(path: Path, frames: np.ndarray, crf: int = 10) -> Path:
    """Frames in a file as a camera writes it, four times as large, because a face has more than 64 pixels."""
    size = 4 * frames.shape[1]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=round(FS), options={"crf": str(crf)})
        stream.height, stream.width, stream.pix_fmt = size, size, "yuv420p"
        for frame in frames:
            larger = cv2.resize(frame, (size, size), interpolation=cv2.INTER_CUBIC)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(larger, format="rgb24")))
        file.mux(stream.encode())
    return path


def cases(number: int, choices: Choices) -> Iterator[Case]:
    """One person with and without a pulse, now and then from a compressed file too; and one scene, or all kinds."""
    if choices.people:
        without = person(number, choices, pulse=False)
        living = person(number, choices, pulse=True)
        for share in choices.weakened:
            cells = without.cells + np.float32(share) * (living.cells - without.cells)
            yield Case(living.kind if share == 1.0 else "weakened", cells, living.true_bpm)
        yield without
        if choices.lamps:
            yield person(number, choices, pulse=False, lamp=True)
        if number % COMPRESSED == 0:
            yield person(number, choices, pulse=True, crf=compression(number))
            yield person(number, choices, pulse=False, crf=compression(number))
    if choices.scenes and not (choices.every_scene and number % 2):
        kinds = list(SCENES)
        for kind in kinds if choices.every_scene else [kinds[number % len(kinds)]]:
            yield Case(kind, reading.cells_of(scene(kind, number), choices.grid), np.nan)


@dataclass(frozen=True)
class Said:
    """What one method says of one clip."""

    kind: str
    method: str
    reliable: bool
    error: float  # bpm, of the rate that it would give; NaN where there is no pulse
    inside: bool  # whether the true rate lies in the interval
    width: float  # the jackknife's standard error in bpm; NaN where nothing could be read
    evidence: reading.Evidence | reading.NetworkEvidence | None


def read(case: Case, method: str) -> Said:
    found = reading.read_cells(case.cells, np.arange(len(case.cells)) / FS, method=method)
    low, high = found.interval_bpm if found.reliable else (np.nan, np.nan)
    width, evidence = np.nan, None
    if found.windows:
        width, evidence = reading.jackknife_error(found.wave, found.fs, found.guess_bpm), found.windows[0].evidence
    error = abs((found.guess_bpm or np.nan) - case.true_bpm)
    return Said(case.kind, method, found.reliable, error, low <= case.true_bpm <= high, width, evidence)


def _read_number(number: int, methods: list[str], choices: Choices) -> list[Said]:
    return [read(case, method) for case in cases(number, choices) for method in methods]


def collect(numbers: range, methods: list[str], choices: Choices) -> list[Said]:
    """Make the clips with the generator as it is now, and read each with every method, in several processes."""
    beside = multiprocessing.get_context("spawn")  # what computes in threads must not be forked
    with ProcessPoolExecutor(min(default_count(), len(numbers)), mp_context=beside) as pool:
        found = pool.map(partial(_read_number, methods=methods, choices=choices), numbers)
        return [one for said in tqdm(found, total=len(numbers), unit="number") for one in said]


def through_files(each: int) -> int:
    """Print what `read_file` says of so many files (H.264) of each kind; how many scenes without a pulse it accepts."""
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("person", *SCENES):
            said = []
            for number in range(TEST.start, TEST.start + each):
                if kind == "person":
                    frames = synthesis.make_video(number, seconds=SECONDS, fs=FS, size=SIZE).frames
                else:
                    frames = scene(kind, number)
                found = reading.read_file(write_file(Path(folder) / f"{kind}_{number}.mp4", frames), box=reading.WHOLE)
                said.append(f"{found.hr_bpm:.0f} bpm" if found.reliable else "refused")
                accepted += found.reliable and kind != "person"
            print(f"  {kind:16} through H.264: {', '.join(said)}")
    return accepted


def fit(readings: list[Said]) -> None:
    """Print the terms' weights: ridge logistic regression of "the rate was right" on the evidence.

    No weight changes its sign: few people must not make evidence for a pulse speak against it. For the network's the
    wrong ones count more: what it follows where there is no pulse is rare among made people, and must have its veto.
    And the threshold: the lowest that is MARGIN above every wrong reading and every one of a clip without a pulse.
    """
    readings = [one for one in readings if one.evidence is not None]
    calibration = reading.CALIBRATIONS[type(readings[0].evidence)]
    x = np.array([[term.value(one.evidence) for term in calibration.terms] for one in readings])
    error, width = np.array([(one.error, one.width) for one in readings]).T
    y = (error <= RIGHT).astype(float)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    z = np.column_stack([np.ones(len(x)), (x - middle) / spread])

    counts = np.where(y == 1, 1.0, WRONG_COUNTS if calibration is reading.BY_NETWORK else 1.0)

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = z @ w
        unlikely = counts @ (np.logaddexp(0, log_odds) - y * log_odds)
        slope = z.T @ (counts * (expit(log_odds) - y)) + RIDGE * np.array([0.0, *w[1:]])
        return unlikely + RIDGE / 2 * (w[1:] @ w[1:]), slope

    bounds = [(None, None), *((0, None) if term.weight > 0 else (None, 0) for term in calibration.terms)]
    w = minimize(cost, np.zeros(z.shape[1]), jac=True, bounds=bounds).x
    evidence = z[:, 1:] @ w[1:]  # the weights stay; counted once again, the wrong ones say what share is right
    w[0] = brentq(lambda intercept: np.sum(expit(intercept + evidence) - y), -20.0, 20.0)
    weights = w[1:] / spread
    neutral = (x[y == 1].mean(axis=0) + x[y == 0].mean(axis=0)) / 2
    print(f"intercept={w[0] + weights @ (neutral - middle):.2f}")
    for term, weight, place, standard in zip(calibration.terms, weights, neutral, w[1:], strict=True):
        print(
            f"{term.name:14} weight {weight:6.2f}, middle {place:6.2f}   (a standard deviation counts {standard:.2f})"
        )
    p = expit(z @ w)
    print("with these weights:")
    threshold = thresholds(readings, p, y)
    given = (y == 1) & (p >= threshold)  # an interval stands only beside a rate that is given
    near = width[given], error[given]
    for floor in (0.25, 0.5, 0.75, 1.0):
        factors = np.sqrt(np.maximum(near[1] ** 2 - floor**2, 0)) / near[0]
        print(f"interval_floor={floor}, interval_factor={np.quantile(factors, 0.95):.2f} covers 95 %")
    print("with those that rppg_lab/reading.py has:")
    thresholds(readings, np.array([reading.quality_of(one.evidence) for one in readings]), y)
    print(f"{len(y)} readings, {y.sum():.0f} of them right")


def thresholds(readings: list[Said], p: np.ndarray, y: np.ndarray) -> float:
    """Print what thresholds of the quality p would accept; return the lowest that keeps away from all that is wrong."""
    person = np.array([one.kind == "person" and one.method in (*PROMISED, reading.NETWORK) for one in readings])
    for threshold in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        wrong, refused = np.sum(p[y == 0] >= threshold), np.mean(p[person] < threshold)
        print(f"  threshold {threshold:.2f}: {wrong} of {np.sum(y == 0)} wrong ones accepted", end="")
        print(f", {refused:.1%} of the people in the lab refused (not by GREEN; rightly read or not)")
    for index in [i for i in np.argsort(-p) if y[i] == 0][:5]:
        one = readings[index]
        print(f"  wrong with quality {p[index]:.3f}: {one.kind}, {one.method}, off by {one.error:.1f} bpm")
    highest = p[y == 0].max()
    lowest = 1 / (1 + (1 - highest) / highest * np.exp(-MARGIN))
    lowest = float(np.ceil(100 * lowest) / 100)
    print(f"  threshold={lowest:.2f}, {MARGIN:g} in log odds above the highest of them")
    return lowest


def measure(readings: list[Said]) -> list[str]:
    """Print what is accepted, and how right it is; return the promises that are broken."""
    found: dict[str, dict[str, list[Said]]] = {}
    for one in readings:
        found.setdefault(one.method, {}).setdefault(one.kind, []).append(one)
    broken = []
    for method, kinds in found.items():
        print(method)
        empty = [one for kind in SCENES for one in kinds.get(kind, [])]
        without = [one for kind in kinds if kind.startswith("no pulse") for one in kinds[kind]]
        together = [(name, all_of) for name, all_of in (("all pulseless", without), ("all scenes", empty)) if all_of]
        for kind, clips in [*kinds.items(), *together]:
            accepted = [one for one in clips if one.reliable]
            share = len(accepted) / len(clips)
            print(f"  {kind:16} {len(accepted):4} of {len(clips):4} accepted ({share:.1%})", end="")
            if kind.startswith("person") and accepted:
                errors = np.array([one.error for one in accepted])
                print(f"; of these MAE {errors.mean():.2f} bpm", end="")
                print(f", {np.mean(errors > RIGHT):.1%} off by over {RIGHT:g}", end="")
                inside = np.mean([one.inside for one in accepted])
                print(f", {inside:.0%} of the true rates in the interval", end="")
                if (errors > RIGHT).any():
                    broken.append(f"{method} calls {np.sum(errors > RIGHT)} wrong rates of {kind} reliable")
            if 1 - share > MOST_REFUSED and kind == "person":
                broken.append(f"{method} refuses {1 - share:.1%} of people")
            print()
        for name, clips in (("scenes", empty), ("people", without if method == reading.NETWORK else [])):
            share = np.mean([one.reliable for one in clips]) if clips else 0.0
            if share > MOST_ACCEPTED:
                broken.append(f"{method} accepts {share:.1%} of {name} without a pulse")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="print the numbers of rppg_lab/reading.py")
    parser.add_argument("--people", type=int, nargs=2, metavar=("FIRST", "END"), help="numbers of the people")
    parser.add_argument("--only", choices=("people", "scenes"), help="one half of it")
    parser.add_argument(
        "--methods", nargs="+", type=str.upper, default=None, help="default: POS CHROM; for the fit, GREEN as well"
    )
    parser.add_argument("--domains", nargs="+", default=["lab"], help="where the people are, in turn; default: lab")
    parser.add_argument("--files", type=int, default=0, metavar="N", help="also N of each kind through video files")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a promise is broken")
    chosen = parser.parse_args()
    methods = chosen.methods or [*PROMISED, *(["GREEN"] if chosen.fit else [])]
    numbers = range(*chosen.people) if chosen.people else FIT if chosen.fit else TEST
    grid = grid_for(methods)
    if chosen.fit:
        if reading.NETWORK in methods and len(methods) > 1:
            parser.error("the network has numbers of its own: fit it alone")
        if reading.NETWORK in methods:
            choices = Choices(NETWORK_PLACES, grid)
        else:
            choices = Choices(grid=grid, weakened=WEAKENED, every_scene=True)
        fit(collect(numbers, methods, choices))
        return 0
    halves = {"people": chosen.only != "scenes", "scenes": chosen.only != "people"}
    broken = measure(
        collect(numbers, methods, Choices(tuple(chosen.domains), grid, lamps=reading.NETWORK in methods, **halves))
    )
    if chosen.files and through_files(chosen.files):
        broken.append("a scene without a pulse is accepted from a file")
    for promise in broken:
        print(f"BROKEN: {promise}", file=sys.stderr)
    return int(chosen.check and bool(broken))


if __name__ == "__main__":
    sys.exit(main())
