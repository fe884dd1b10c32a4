"""Made faces with a known truth: a heart that beats, a face that blushes with it, and a camera that looks.

A video is made in the order in which nature does it: beats → pulse wave → blood in the skin → light → camera. Each
step keeps its truth. The reflection model is the dichromatic one (Wang et al., "Algorithmic Principles of Remote
PPG", IEEE TBME 2017, eq. 1–4): light returned = light × (surface shine + diffuse colour × (1 − pulse)); the colours
come from `physics`, not from photographs.

Everything is drawn from named random streams of one seed, so that a switch (`pulse=False`, another label) changes
that thing alone.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from rppg_lab import physics

HR_RANGE = (48.0, 145.0)  # bpm: a person's mean rate; with its variation every beat stays within 45 to 150
GAMMA = 2.2
MID_GREY = 0.5  # of what a camera shows
SHINE_TURN = 4.0  # how much more the shine changes than the shading when a head turns
SPREAD = 0.35  # how much recordings of one domain differ: standard deviation of the logarithm of a disturbance's size
PULSE_SPREAD = 0.25  # and of the pulse's
FLICKER_SPREAD = 1.0  # and of the lamps' flicker: one room in ten has bad ones
SHIFT_NM = 10.0  # where cameras may differ: standard deviation of their curves' places
DEPTH_SPREAD = 0.25  # where vessels may differ: standard deviation of the logarithm of their depth
FLICKER_COLOUR = (0.6, 1.0, 0.9)  # of a lamp whose red phosphor glows on while the others fade
DRAWN_SECONDS = (
    60.0  # everything random is drawn for whole minutes, so that a short video is the beginning of a long one
)
HARD_PLACES = 0.5  # share of the wide places that reach to the ends of what is drawn
BLOCK_SECONDS = 4.0  # frames are rendered this many seconds at a time
LABELS = ("perfect", "finger")


@dataclass(frozen=True)
class Domain:
    """What a place does to a video. Every size is a typical one; each recording draws its own around it.

    What is 0 (or None) is absent. docs/data_cards.md says what each place stands for and how hard it is to read.
    """

    name: str
    pulse_strength: float  # peak-to-peak relative change of green over the cheeks, e.g. 0.01
    sway: float  # movement of the head, share of the image's width (standard deviation)
    brightness: float  # fluctuation of the light on the face, relative, all colours alike (standard deviation)
    shading: float  # the same, but from one side of the face to the other: a head that turns
    colour_drift: float  # slow relative change of one colour against another (white balance)
    exposure: float  # linear value at which the camera shows a white sheet; more lets bright parts burn out
    noise: float  # camera noise per pixel at mid grey, in 8-bit steps
    kelvin: tuple[float, float] = (6500.0, 6500.0)  # colour temperature of the light, lowest and highest
    saturation: tuple[float, float] = (1.0, 1.0)  # how much the camera widens the distance of colours from grey
    fastest_sway: float = 2.0  # Hz: up to where the head's movement reaches
    tilt: float = 0.0  # turning of the head in the image, degrees (standard deviation)
    talking: float = 0.0  # share of the time in which the mouth moves
    blinks: float = 0.0  # per minute
    flicker: float = 0.0  # beat of the mains lamps with the frame rate, relative (standard deviation)
    screen: float = 0.0  # a coloured light from one side that changes like a film on a monitor, relative
    shadows: float = 0.0  # depth of the shadows that pass over the face, relative to full sun
    variety: float = (
        0.0  # how much cameras and vessels, and with them the pulse's colour, differ: SHIFT_NM, DEPTH_SPREAD
    )
    nod: float = 0.0  # swing of a head that nods in time, share of the image's width
    false_beat: float = 0.0  # peak-to-peak relative change of a light that beats like a heart, in a colour of its own
    framing: tuple[float, float] = (1.0, 1.0)  # size of the face over that in a finder's box, smallest and largest
    off_centre: float = 0.0  # how far the face may lie from where a finder's box has it, half sides of the picture
    phase: float = 1.0  # how much later the pulse reaches one part of a face than another, over what is usual
    gamma: tuple[float, float] = (GAMMA, GAMMA)  # of the camera's curve, lowest and highest
    repeats: float = 0.0  # share of the frames that show the one before once more: a camera that cannot keep up
    crf: int | None = None  # quality of the H.264 file it was kept in: 18 looks perfect, 35 is a mosaic
    enlarged: int = 1  # the file's pixels over the frames': a file shows a face larger than what is kept of it


DOMAINS: dict[str, Domain] = {
    "lab": Domain(
        "lab",
        pulse_strength=0.013,
        sway=0.003,
        brightness=0.0055,
        shading=0.0045,
        colour_drift=0.001,
        exposure=1.25,
        noise=0.9,
        flicker=0.0012,
    ),
    "office": Domain(
        "office",
        pulse_strength=0.012,
        sway=0.012,
        brightness=0.007,
        shading=0.010,
        colour_drift=0.0015,
        exposure=1.1,
        noise=1.2,
        kelvin=(2900.0, 6500.0),
        tilt=1.0,
        talking=0.4,
        blinks=15.0,
        flicker=0.002,
        screen=0.006,
    ),
    "phone": Domain(
        "phone",
        pulse_strength=0.012,
        sway=0.005,
        brightness=0.009,
        shading=0.004,
        colour_drift=0.0015,
        exposure=0.8,
        noise=1.6,
        kelvin=(2700.0, 6500.0),
        saturation=(1.0, 1.6),
        fastest_sway=5.0,  # hands tremble
        tilt=0.5,
        blinks=15.0,
        flicker=0.0015,
        crf=12,
    ),
    "car": Domain(
        "car",
        pulse_strength=0.012,
        sway=0.010,
        brightness=0.015,
        shading=0.015,
        colour_drift=0.002,
        exposure=1.4,
        noise=1.2,
        kelvin=(5000.0, 6500.0),
        fastest_sway=8.0,  # the road shakes
        tilt=0.7,
        blinks=15.0,
        shadows=0.3,
    ),
}
DISTURBANCES = ("brightness", "shading", "colour_drift", "sway", "tilt", "flicker", "screen", "shadows")
WIDE = "wide"  # a place of its own for everybody: see `draw_place`


def draw_place(rng: np.random.Generator) -> Domain:
    """A place such as nobody has seen: everything that should not matter is drawn from wide ranges (the sizes evenly in
    their logarithm), to teach a network not to rely on any of it. What is left the same is the pulse.

    In half of the places a disturbance may be as large as the ranges go; the other half are milder, each by as much as
    it happens to be. Where all are hard, no pulse can be seen, and a network that meets little else learns slowly.
    """
    reach = 1.0 if rng.random() < HARD_PLACES else rng.random()

    def size(low: float, high: float, share: float = 1.0) -> float:
        """In this share of the places a size between the two, in the others 0."""
        drawn = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        return drawn if rng.random() < share else 0.0

    def trouble(low: float, high: float, share: float = 1.0) -> float:
        """A size that is the smaller, the milder the place."""
        return size(low, low * (high / low) ** reach, share)

    return Domain(
        WIDE,
        variety=1.0,
        pulse_strength=size(0.006, 0.02),
        sway=trouble(0.001, 0.03),
        brightness=trouble(0.002, 0.03),
        shading=trouble(0.002, 0.03),
        colour_drift=trouble(0.0005, 0.004),
        exposure=size(0.6, 1.6),
        noise=size(0.3, 2.0),
        kelvin=(2700.0, 6500.0),
        saturation=(1.0, 1.8),
        fastest_sway=size(1.0, 8.0),
        tilt=trouble(0.2, 2.0, 0.6),
        talking=trouble(0.1, 0.7, 0.5),
        blinks=size(5.0, 25.0, 0.8),
        flicker=trouble(0.0003, 0.004),
        screen=trouble(0.002, 0.012, 0.3),
        shadows=trouble(0.05, 0.4, 0.2),
        crf=int(rng.integers(12, 27)) if rng.random() < 0.35 else None,
        enlarged=int(rng.choice((1, 2, 4))),
        nod=trouble(0.002, 0.02, 0.3),
        false_beat=trouble(0.002, 0.02, 0.3),
        framing=(0.6, 1.45),
        off_centre=0.2,
        phase=size(0.5, 4.0),
        gamma=(1.8, 2.6),
        repeats=trouble(0.01, 0.2, 0.2),
    )


@dataclass(frozen=True)
class MadeVideo:
    """A made recording and everything that is true about it.

    frames (T,H,W,3) uint8 RGB; time (T,) s; bvp (T,) float32, the label a sensor would give (up = systole); truths by
    name: beat_times (n,) s, hr_bpm (T,), respiration (T,), bvp (T,) the wave in the skin itself, skin_mask (H,W) bool,
    tone 0 light … 1 dark, and how it was made.
    """

    subject: str
    fs: float
    frames: NDArray[np.uint8]
    time: NDArray[np.float64]
    bvp: NDArray[np.float32]
    truths: dict[str, NDArray | float | str | bool] = field(repr=False)


def make_video(
    subject: int,
    *,
    domain: str = "lab",
    seed: int = 0,
    seconds: float = 60.0,
    fs: float = 30.0,
    size: int = 64,
    pulse: bool = True,
    label: str = "perfect",
) -> MadeVideo:
    """Make one person's video. A short one is the beginning of a long one, up to a minute.

    domain: a name in `DOMAINS`, or "wide", where everybody has a place of their own (`draw_place`).
    subject: number of the person; tone and heart rate spread evenly over any run of consecutive numbers. seconds, fs
    (Hz), size (pixels, square). pulse=False makes the very same video without the pulse; its label still shows the
    wave that was left out. label: "perfect", the wave in the skin, or "finger", what a finger sensor would have
    recorded. Raises ValueError for an unknown domain or label and for sizes that make no video.
    """
    if domain not in (*DOMAINS, WIDE):
        raise ValueError(f"Unknown domain {domain!r}; there are: {', '.join(DOMAINS)}, {WIDE}.")
    if label not in LABELS:
        raise ValueError(f"Unknown label {label!r}; there are: {', '.join(LABELS)}.")
    if subject < 0 or seconds * fs < 2 or size < 16:
        raise ValueError(f"Need subject >= 0, two frames and 16 pixels; got {subject=}, {seconds=}, {fs=}, {size=}.")
    if size % 2 and (domain == WIDE or DOMAINS[domain].crf is not None):
        raise ValueError(f"Need an even size in {domain!r}, where H.264 files are kept; got {size=}.")
    streams = _streams(seed, domain, subject)
    place = draw_place(streams["place"]) if domain == WIDE else DOMAINS[domain]
    drawn_seconds = DRAWN_SECONDS * np.ceil(seconds / DRAWN_SECONDS)
    drawn_time = np.arange(round(drawn_seconds * fs)) / fs
    time = drawn_time[: round(seconds * fs)]
    tone, hr_bpm = evenly_spread(subject, seed)
    heart = make_heart(hr_bpm, drawn_seconds, streams["heart"])
    face = make_face(tone, size, streams["face"], draw_view(place, streams))
    frames = np.concatenate(list(_render(face, heart, place, drawn_time, time.size, streams, pulse)))
    if place.repeats:
        frames = _repeating(frames, place.repeats, streams["place"])
    if place.crf is not None:
        frames = _compressed(frames, fs, place.crf, place.enlarged)
    true_wave = heart.wave(time)
    label_wave = true_wave
    if label == "finger":
        label_wave = finger_sensor(heart, drawn_time, streams["label"])[: time.size]
    truths = {
        "beat_times": heart.beat_times[(heart.beat_times >= 0) & (heart.beat_times < seconds)],
        "hr_bpm": heart.rate(time).astype(np.float32),
        "respiration": heart.respiration(time).astype(np.float32),
        "bvp": true_wave.astype(np.float32),
        "skin_mask": face.skin > 0.5,
        "tone": tone,
        "pulse": pulse,
        "label": label,
        "seed": seed,
    }
    name = f"made-{domain}-{subject:04d}" + (f"-seed{seed}" if seed else "")  # another seed, another person
    return MadeVideo(name, fs, frames, time, label_wave.astype(np.float32), truths)


def evenly_spread(subject: int, seed: int = 0) -> tuple[float, float]:
    """Tone (0 light … 1 dark) and mean heart rate (bpm) of a person.

    Points of the R2 sequence (M. Roberts 2018), the plane's golden ratio: any few consecutive people cover light and
    dark, slow and fast, and all combinations of them, without two things going together by accident.
    """
    golden = 1.32471795724474602596
    start = np.random.default_rng(seed).random(2)
    tone, rate = (start + (subject + 1) * np.array([1 / golden, 1 / golden**2])) % 1.0
    return float(tone), float(HR_RANGE[0] + rate * (HR_RANGE[1] - HR_RANGE[0]))


# ------------------------------------------------------------------------------------------------ the heart


@dataclass(frozen=True)
class Heart:
    """Beats, breathing, and the shape of one person's pulse wave. All methods take times in seconds, any shape."""

    beat_times: NDArray[np.float64]
    breath_hz: float
    breath_phase: float
    bumps: NDArray[np.float64]  # (n, 3): place in the beat (0–1), width, height of each bump of the wave
    breath_amplitude: float  # how much breathing changes the height of the wave
    breath_baseline: float  # and how much it lifts and lowers the whole

    def respiration(self, time: NDArray) -> NDArray[np.float64]:
        """Breathing, −1 (out) to 1 (in)."""
        return np.sin(2 * np.pi * self.breath_hz * np.asarray(time) + self.breath_phase)

    def phase(self, time: NDArray) -> NDArray[np.float64]:
        """Beats since the first one; smooth, and whole at every beat."""
        return PchipInterpolator(self.beat_times, np.arange(self.beat_times.size))(time)

    def rate(self, time: NDArray) -> NDArray[np.float64]:
        """Instantaneous heart rate in bpm: 60 over the interval that the moment lies in."""
        interval = np.searchsorted(self.beat_times, time, side="right").clip(1, self.beat_times.size - 1)
        return 60.0 / np.diff(self.beat_times)[interval - 1]

    def wave(self, time: NDArray) -> NDArray[np.float64]:
        """Blood volume in the skin: rises with systole, falls with a dicrotic notch; about 0 to 1."""
        place = self.phase(time)[..., None] % 1.0
        centre, width, height = self.bumps.T
        away = (place - centre + 0.5) % 1.0 - 0.5  # a beat's tail runs into the next beat
        beat = (height * np.exp(-0.5 * (away / width) ** 2)).sum(axis=-1)
        breath = self.respiration(time)
        return (1 + self.breath_amplitude * breath) * beat + self.breath_baseline * breath


def make_heart(hr_bpm: float, seconds: float, rng: np.random.Generator) -> Heart:
    """A heart with this mean rate (bpm) that beats from before 0 s until after `seconds`.

    Intervals breathe (respiratory sinus arrhythmia, stronger in slow hearts), wander slowly, and jitter a little.
    """
    rise = rng.uniform(0.13, 0.20)
    notch = rng.uniform(0.24, 0.34)
    bumps = np.array(
        [
            [rise, rng.uniform(0.07, 0.10), 0.85],
            [rise + 0.5 * notch, rng.uniform(0.10, 0.14), rng.uniform(0.25, 0.45)],
            [rise + notch + 0.06, rng.uniform(0.06, 0.09), rng.uniform(0.10, 0.35)],
        ]
    )
    amplitude, baseline = rng.uniform(0.02, 0.12), rng.uniform(0.02, 0.15)
    margin = 4.0  # beats outside the video, so that every moment and every delay lies between two beats
    breath_hz, breath_phase = rng.uniform(0.18, 0.35), rng.uniform(0, 2 * np.pi)
    arrhythmia = rng.uniform(0.005, 0.05) * (75.0 / hr_bpm)
    wander, jitter = rng.uniform(0.005, 0.02), rng.uniform(0.002, 0.008)
    slow_hz, slow_phase = rng.uniform(0.03, 0.1), rng.uniform(0, 2 * np.pi)
    beats = [-margin]
    while beats[-1] < seconds + margin:
        now = beats[-1]
        change = (
            arrhythmia * np.sin(2 * np.pi * breath_hz * now + breath_phase)
            + wander * np.sin(2 * np.pi * slow_hz * now + slow_phase)
            + jitter * rng.standard_normal()
        )
        rate = hr_bpm * (1 + change.clip(-0.06, 0.06))
        beats.append(now + 60.0 / np.clip(rate, 45.0, 150.0))
    return Heart(np.array(beats), breath_hz, breath_phase, bumps, amplitude, baseline)


def finger_sensor(heart: Heart, time: NDArray, rng: np.random.Generator) -> NDArray[np.float64]:
    """What a finger sensor makes of the wave, on the frames' times: (T,).

    It sees the beat later than the face does, with its own gain, a drifting baseline, noise, a clock that runs a
    little fast or slow and samples 60 times a second; one in four is upside down (up = more light, as the raw
    photodiode gives it).
    """
    delay, gain = rng.uniform(0.08, 0.25), np.exp(rng.normal(0.0, 1.0))
    clock = 1.0 + rng.normal(0.0, 1e-4)
    polarity = -1.0 if rng.random() < 0.25 else 1.0
    ticks = np.arange(-1.0, time[-1] + 2.0, 1 / 60.0)
    drift = np.cumsum(rng.standard_normal(ticks.size)) / 60.0
    sampled = heart.wave(ticks * clock - delay) + drift + 0.03 * rng.standard_normal(ticks.size)
    return polarity * gain * np.interp(time, ticks, sampled)


# ------------------------------------------------------------------------------------------------- the face


@dataclass(frozen=True)
class View:
    """How somebody is seen: what decides on the colours of a skin and of its pulse besides its tone, and the framing.

    kelvin: colour temperature of the light; the camera balances white, what skin makes of the light remains. shift: of
    the camera's curves, nm (see `physics.camera_sensitivity`). depth_cm: where the pulsating vessels begin. framing:
    size of the face over that in a finder's box. centre: of the face, half sides of the picture. phase: see `Domain`.
    """

    kelvin: float = 6500.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    depth_cm: float = physics.PULSE_DEPTH_CM
    framing: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    phase: float = 1.0


TYPICAL = View()


def draw_view(place: Domain, streams: dict[str, np.random.Generator]) -> View:
    """Somebody's skin under a lamp of this place, before a camera of some maker."""
    rng = streams["view"]
    return View(
        kelvin=streams["lamp"].uniform(*place.kelvin),
        shift=tuple(place.variety * rng.normal(0.0, SHIFT_NM, 3)),
        depth_cm=physics.PULSE_DEPTH_CM * float(np.exp(place.variety * rng.normal(0.0, DEPTH_SPREAD))),
        framing=float(np.exp(rng.uniform(*np.log(place.framing)))),
        centre=tuple(rng.uniform(-place.off_centre, place.off_centre, 2)),
        phase=place.phase,
    )


@dataclass(frozen=True)
class Face:
    """A drawn face. All images (H,W) or (H,W,3), linear light, white sheet = 1."""

    diffuse: NDArray[np.float32]  # colour of the head without shine; 0 outside
    background: NDArray[np.float32]
    shine: NDArray[np.float32]  # (H,W) surface reflection, the same in all colours
    head: NDArray[np.float32]  # (H,W) 1 on the head (skin, hair, features), 0 on the background
    skin: NDArray[np.float32]  # (H,W) 1 on skin that can pulse
    strength: NDArray[np.float32]  # (H,W) relative strength of the pulse; 0 off the skin, about 1 on the cheeks
    delay: NDArray[np.float32]  # (H,W) s: how much later than the earliest skin the pulse arrives
    pulse_colour: NDArray[np.float32]  # (3,) relative change of R, G, B, green = 1
    lids: NDArray[np.float32]  # (H,W) where closed eyelids cover the eyes
    gape: NDArray[np.float32]  # (H,W) where an open mouth is dark


def make_face(tone: float, size: int, rng: np.random.Generator, view: View = TYPICAL) -> Face:
    """Draw a face of this tone (0 light … 1 dark), size × size, as a face finder's enlarged box would frame it."""
    y, x = (np.mgrid[0:size, 0:size] * (2.0 / (size - 1)) - 1.0) / view.framing
    x = x - view.centre[0] - rng.uniform(-0.06, 0.06)
    y = y - view.centre[1] - rng.uniform(-0.06, 0.06)
    soft = 1.2 / size / view.framing

    def blob(cx: float, cy: float, rx: float, ry: float, edge: float = soft) -> NDArray[np.float64]:
        away = np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        return 1.0 / (1.0 + np.exp(((away - 1.0) * min(rx, ry) / edge).clip(-30, 30)))

    def pair(cx: float, cy: float, rx: float, ry: float, edge: float = soft) -> NDArray[np.float64]:
        return blob(-cx, cy, rx, ry, edge) + blob(cx, cy, rx, ry, edge)

    wide, tall = rng.uniform(0.52, 0.62), rng.uniform(0.72, 0.82)
    oval = blob(0, 0.05, wide, tall)
    neck = blob(0, 0.95, 0.55 * wide, 0.5) * (1 - oval)
    hairline = rng.uniform(-0.52, -0.38)
    hair = (
        blob(0, -0.12, wide + 0.12, tall - 0.02) * (1 / (1 + np.exp((y - hairline + 0.25 * x**2) / soft))) + 0.0
    ).clip(0, 1)
    eyes = pair(0.24, -0.12, 0.10, 0.05)
    brows = pair(0.25, -0.25, 0.13, 0.035)
    pupils = pair(0.24, -0.12, 0.045, 0.045)
    lips = rng.uniform(0.18, 0.25)
    mouth, seam = blob(0, 0.43, lips, 0.06), blob(0, 0.43, 0.85 * lips, 0.012)
    nostrils = pair(0.06, 0.20, 0.035, 0.025)
    beard = rng.uniform(0, 0.8) * (rng.random() < 0.3) * blob(0, 0.62, 0.42, 0.32, 4 * soft) * oval
    head = np.maximum.reduce([oval, hair, 0.999 * neck])

    light = physics.black_body(physics.WAVELENGTHS, view.kelvin)
    pale, flushed = (physics.skin_colour(tone, light=light, blood_fraction=f, shift=view.shift) for f in (0.012, 0.04))
    redness = (0.25 + 0.5 * pair(0.30, 0.15, 0.22, 0.20, 0.12) + 0.35 * blob(0, 0.1, 0.10, 0.2, 0.08) + mouth).clip(
        0, 1
    )[..., None]
    texture = 1 + 0.05 * _smooth_noise(rng, size, size / 20) + 0.06 * _smooth_noise(rng, size, size / 6)
    # Deep eyes, a bright bridge of the nose and bright cheeks are what face finders look for.
    relief = (
        1
        - 0.25 * (x / wide) ** 2
        + 0.20 * blob(0, 0.0, 0.08, 0.30, 0.06)
        + 0.25 * pair(0.26, 0.14, 0.18, 0.14, 0.08)
        - 0.50 * pair(0.25, -0.15, 0.17, 0.10, 0.06)
        - 0.20 * blob(0, 0.30, 0.22, 0.06, 0.05)
    )
    side = rng.uniform(-0.2, 0.2)
    shade = np.clip(relief * texture * (1 + side * x), 0.1, None)[..., None]
    diffuse = ((1 - redness) * pale + redness * flushed) * shade
    hair_colour = np.array([0.035, 0.026, 0.020]) * rng.choice([0.5, 1.0, 2.5, 6.0], p=[0.4, 0.3, 0.2, 0.1])
    for cover, colour in (
        (np.maximum(hair, 1 - np.maximum(oval, neck)), hair_colour),  # what is on the head but not skin is hair
        (0.8 * brows, hair_colour),
        (beard, hair_colour),
        (0.7 * eyes, np.array([0.06, 0.055, 0.05])),
        (pupils + 0.7 * seam, np.array([0.01, 0.01, 0.01])),
        (0.9 * nostrils, 0.3 * flushed),
    ):
        cover = cover.clip(0, 1)[..., None]
        diffuse = (1 - cover) * diffuse + cover * colour * (1 + 0.2 * _smooth_noise(rng, size, 1.0)[..., None])
    bare = (
        (oval + neck) * (1 - hair) * (1 - 0.8 * brows) * (1 - eyes) * (1 - seam) * (1 - 0.9 * nostrils) * (1 - beard)
    ).clip(0, 1)

    # Thin, well supplied skin pulses most: forehead and cheeks; less the nose's bridge, the chin and the neck.
    supply = (
        0.55
        + 0.45 * pair(0.30, 0.15, 0.24, 0.22, 0.12)
        + 0.4 * blob(0, -0.38, 0.40, 0.16, 0.10)
        - 0.2 * blob(0, 0.0, 0.07, 0.2, 0.05)
    )
    strength = bare * (supply - 0.25 * neck) * (1 + 0.25 * _smooth_noise(rng, size, size / 10)).clip(0.3, None)
    delay = view.phase * (0.015 * (y + 1) + 0.010 * _smooth_noise(rng, size, size / 6))  # top to bottom about 30 ms
    shine = (
        physics.SURFACE_REFLECTANCE
        * (0.35 + 1.2 * blob(rng.uniform(-0.2, 0.2), -0.38, 0.22, 0.10, 0.10) + 1.0 * blob(0, 0.12, 0.05, 0.12, 0.05))
        * oval
        * (1 - hair)
    )
    wall = rng.uniform(0.08, 0.45) * rng.uniform(0.75, 1.1, 3)
    background = wall * (
        1 + 0.15 * _smooth_noise(rng, size, size / 5)[..., None] + 0.15 * rng.uniform(-1, 1) * x[..., None]
    )
    shirt = (blob(0, 1.35, 1.0, 0.55) * (1 - head))[..., None]
    background = (1 - shirt) * background + shirt * rng.uniform(0.03, 0.5, 3)
    colour = physics.pulse_colour(tone, light=light, depth_cm=view.depth_cm, shift=view.shift)

    def image(a: NDArray) -> NDArray[np.float32]:
        return np.ascontiguousarray(a, dtype=np.float32)

    return Face(
        diffuse=image(diffuse * head[..., None]),
        background=image(background),
        shine=image(shine),
        head=image(head),
        skin=image(bare),
        strength=image(strength),
        delay=image(delay - delay[bare > 0.5].min()),
        pulse_colour=image(colour / colour[1]),
        lids=image(np.minimum(1.2 * pair(0.24, -0.12, 0.11, 0.06), 1) * oval),
        gape=image(blob(0, 0.45, 0.7 * lips, 0.09) * oval),
    )


# ------------------------------------------------------------------------------------- light, motion, camera


def _render(
    face: Face,
    heart: Heart,
    place: Domain,
    time: NDArray,
    count: int,
    streams: dict[str, np.random.Generator],
    pulse: bool,
) -> Iterator[NDArray[np.uint8]]:
    """The first `count` frames of all that is drawn for `time`, in blocks (t,H,W,3) uint8."""
    size, fs = face.head.shape[0], 1.0 / (time[1] - time[0])
    light, motion, camera = streams["light"], streams["motion"], streams["camera"]
    size_of = {
        name: getattr(place, name) * np.exp(light.normal(0.0, FLICKER_SPREAD if name == "flicker" else SPREAD))
        for name in DISTURBANCES
    }

    brightness = size_of["brightness"] * _wander(light, time, fs, 0.05, 6.0)
    turn = size_of["shading"] * _wander(motion, time, fs, 0.05, 4.0)
    drift = size_of["colour_drift"] * np.stack([_wander(light, time, fs, 0.02, 1.5) for _ in range(3)], axis=1)
    flicker = size_of["flicker"] * _lamp_beat(streams["lamp"], time)[:, None] * np.array(FLICKER_COLOUR)
    gain = (1 + brightness[:, None]) * (1 + drift) * (1 + flicker)  # (T,3)
    if place.false_beat:
        gain *= 1 + place.false_beat * _false_beat(streams["place"], time)
    sway = np.stack([_wander(motion, time, fs, 0.05, place.fastest_sway) for _ in range(2)], axis=1)
    sway[:, 1] -= 0.3 * heart.respiration(time)  # breathing in lifts the head; rows count downwards
    sway *= size_of["sway"] * size
    if place.nod:
        sway += place.nod * size * _nodding(streams["place"], time, fs)
    saturation = np.float32(streams["lamp"].uniform(*place.saturation))
    tilt = size_of["tilt"] * _wander(motion, time, fs, 0.05, 1.0)
    sidelight = _sidelight(size_of, streams["lamp"], time, fs, size)
    mouth, eyes = _speech(streams["expression"], time, fs, place.talking), _blinks(streams["expression"], time, place)

    # p(t − delay) over the face, as a blend of a few delayed waves: one matrix product a block instead of a wave per
    # pixel.
    delays = np.linspace(0.0, float(face.delay.max()), 4)
    near = 1 - np.abs(face.delay[..., None] - delays) / max(delays[1], 1e-6)
    parts = (near.clip(0, 1) * face.strength[..., None]).reshape(-1, delays.size).astype(np.float32)  # (HW,K)
    waves = np.stack([heart.wave(time - d) for d in delays], axis=1)
    strength = place.pulse_strength * np.exp(light.normal(0.0, PULSE_SPREAD))
    waves = (strength * pulse * (waves - waves.mean(axis=0))).astype(np.float32)

    across = np.linspace(-1.0, 1.0, size, dtype=np.float32)[None, :, None]
    to_shown = _camera_curve(streams["view"].uniform(*place.gamma))
    photon_noise = _photon_noise(place)
    full_scale = np.float32((to_shown.size - 1) * place.exposure)
    layers = np.empty((size, size, 4), np.float32)
    layers[..., 3] = face.head
    block = max(1, round(BLOCK_SECONDS * fs))
    for start in range(0, count, block):
        stop = min(start + block, count)
        blood = (waves[start:stop] @ parts.T).reshape(-1, size, size, 1)
        frames = np.empty((stop - start, size, size, 3), np.uint8)
        for i in range(stop - start):
            t = start + i
            layers[..., :3] = face.diffuse * (1 - blood[i] * face.pulse_colour) * (1 + np.float32(turn[t]) * across)
            if mouth[t] or eyes[t]:
                _express(layers, face, mouth[t], eyes[t])
            # Shine moves more than colour when a head turns.
            layers[..., :3] += (face.shine * (1 + np.float32(SHINE_TURN * turn[t])))[..., None]
            layers[..., :3] *= sidelight(t)
            shift = cv2.getRotationMatrix2D((size / 2, size), tilt[t], 1.0)  # the neck holds still
            shift[:, 2] += sway[t]
            moved = cv2.warpAffine(layers, shift, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            scene = moved[..., :3] + (1 - moved[..., 3:]) * face.background
            scene *= gain[t].astype(np.float32)
            if saturation != 1:
                grey = scene.mean(axis=2, keepdims=True)
                scene = np.maximum(grey + saturation * (scene - grey), 0)
            scene += np.sqrt(scene) * camera.standard_normal(scene.shape, dtype=np.float32) * photon_noise
            scene *= full_scale
            np.clip(scene, 0, to_shown.size - 1, out=scene)
            frames[i] = to_shown[scene.astype(np.uint16)]
        yield frames


def _sidelight(
    size_of: dict[str, float], rng: np.random.Generator, time: NDArray, fs: float, size: int
) -> Callable[[int], NDArray[np.float32]]:
    """The light of frame t over the head, (1,W,3), relative to a steady one: a monitor's and the sun's, from the side.

    A monitor changes in steps of its own colours, a sun is cut off by what stands beside the road.
    """
    across = np.linspace(-1.0, 1.0, size)[:, None]
    lamps = []
    if size_of["screen"]:
        side, colour = rng.choice([-1, 1]), np.array([0.8, 1.0, 1.3]) * rng.uniform(0.85, 1.15, 3)
        scenes = _steps(rng, time, rng.uniform(0.3, 1.0), rng.normal)
        lamps.append((size_of["screen"] * _smooth(scenes, 0.08 * fs), (0.5 + 0.5 * side * across) * colour))
    if size_of["shadows"]:
        side, colour = rng.choice([-1, 1]), np.array([1.05, 1.0, 0.9])
        shade = _steps(rng, time, rng.uniform(0.15, 0.6), lambda: float(rng.random() < 0.3) * rng.uniform(0.4, 1.0))
        lamps.append((-size_of["shadows"] * _smooth(shade, 0.12 * fs), (0.6 + 0.4 * side * across) * colour))
    if not lamps:
        steady = np.ones((1, 1, 3), np.float32)
        return lambda t: steady
    courses = np.stack([course for course, _ in lamps], axis=1).astype(np.float32)  # (T,K)
    fields = np.stack([field.ravel() for _, field in lamps]).astype(np.float32)  # (K,W·3)
    return lambda t: 1 + np.maximum(courses[t] @ fields, -0.9).reshape(1, size, 3)


def _steps(rng: np.random.Generator, time: NDArray, per_second: float, draw: Callable[[], float]) -> NDArray:
    """A value that is drawn anew at random moments, so many a second: (T,)."""
    values, now = np.empty(time.size), 0
    while now < time.size:
        until = now + max(1, round(rng.exponential(1 / per_second) / (time[1] - time[0])))
        values[now:until] = draw()
        now = until
    return values


def _smooth(values: NDArray, sigma: float) -> NDArray[np.float64]:
    return gaussian_filter(values, sigma, mode="nearest")


def _lamp_beat(rng: np.random.Generator, time: NDArray) -> NDArray[np.float64]:
    """What a camera sees of lamps that flicker 100 or 120 times a second, (T,), standard deviation 1.

    It samples far too slowly: the flicker appears at its distance from the next multiple of the frame rate, which a
    shutter that is a little off, as all are, puts anywhere; also into the band of the heart.
    """
    apparent = rng.uniform(0.5, 10.0)  # Hz
    return np.sqrt(2) * np.sin(2 * np.pi * apparent * time + rng.uniform(0, 2 * np.pi))


def _nodding(rng: np.random.Generator, time: NDArray, fs: float) -> NDArray[np.float64]:
    """A movement (T,2), columns and rows, −1 to 1, whose rate hardly changes and lies where hearts beat."""
    rate = rng.uniform(0.6, 3.0) * (1 + 0.03 * _wander(rng, time, fs, 0.05, 0.3))
    swing = np.sin(2 * np.pi * np.cumsum(rate) / fs + rng.uniform(0, 2 * np.pi))
    direction = rng.uniform(0, 2 * np.pi)
    return swing[:, None] * np.array([np.cos(direction), np.sin(direction)])


def _false_beat(rng: np.random.Generator, time: NDArray) -> NDArray[np.float64]:
    """What another heart does to a light: (T,3), peak to peak 1 in the channel that it changes most."""
    wave = make_heart(rng.uniform(*HR_RANGE), float(time[-1]), rng).wave(time)
    colour = rng.uniform(0.2, 1.0, 3)
    return ((wave - wave.mean()) / np.ptp(wave))[:, None] * colour / colour.max()


def _repeating(frames: NDArray[np.uint8], share: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The frames of a camera that shows, this often, the one before once more."""
    fresh = np.where(rng.random(len(frames)) < share, 0, np.arange(len(frames)))
    return frames[np.maximum.accumulate(fresh)]


def _speech(rng: np.random.Generator, time: NDArray, fs: float, share: float) -> NDArray[np.float64]:
    """How far the mouth is open, 0 to 1 (T,): phrases of a few seconds, a few syllables a second."""
    if not share:
        return np.zeros(time.size)
    phrases = _smooth(_steps(rng, time, 0.4, lambda: float(rng.random() < share)), 0.1 * fs)
    return phrases * np.abs(_wander(rng, time, fs, 1.0, 4.0)).clip(0, 1)


def _blinks(rng: np.random.Generator, time: NDArray, place: Domain) -> NDArray[np.float64]:
    """How far the eyes are closed, 0 to 1 (T,)."""
    closed = np.zeros(time.size)
    if place.blinks:
        for moment in np.cumsum(rng.exponential(60.0 / place.blinks, size=int(3 * place.blinks * time[-1] / 60.0) + 5)):
            closed += np.exp(-0.5 * ((time - moment) / 0.06) ** 2)
    return np.where(closed > 0.01, closed.clip(0, 1), 0.0)


def _express(layers: NDArray, face: Face, mouth: float, eyes: float) -> None:
    """Open the mouth and close the eyes of the picture (H,W,4), in place."""
    colours = layers[..., :3]
    lids = (np.float32(eyes) * face.lids)[..., None]
    skin = face.diffuse[face.skin > 0.5].mean(axis=0)
    colours += lids * (np.float32(0.85) * skin - colours)
    gape = (np.float32(mouth) * face.gape)[..., None]
    colours += gape * (np.float32(0.02) - colours)


def _compressed(frames: NDArray[np.uint8], fs: float, crf: int, enlarged: int = 1) -> NDArray[np.uint8]:
    """The frames (T,H,W,3) as they come back from an H.264 file of this quality, in which they were so many times as
    large; its sides must be even.

    Without look-ahead, so that a short video stays the beginning of a long one, as a phone that records does it too.
    """
    options = {"crf": str(crf), "preset": "veryfast", "tune": "zerolatency", "threads": "1"}
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=Fraction(fs).limit_denominator(1001), options=options)
        height, width = frames.shape[1:3]
        stream.height, stream.width = height * enlarged, width * enlarged
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            if enlarged > 1:
                frame = cv2.resize(frame, (stream.width, stream.height), interpolation=cv2.INTER_CUBIC)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    file.seek(0)
    to_rgb = VideoReformatter()  # one for all: `frame.to_ndarray(format=…)` sets up a new one for each, for 1 ms
    with av.open(file) as container:
        shown = (to_rgb.reformat(frame, format="rgb24").to_ndarray() for frame in container.decode(video=0))
        if enlarged > 1:
            shown = (cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in shown)
        return np.stack(list(shown))


def _photon_noise(place: Domain) -> np.float32:
    """Noise relative to √light, as photons make it, that shows as `place.noise` 8-bit steps at mid grey."""
    light = MID_GREY**GAMMA / place.exposure
    steps_per_light = 255.0 / GAMMA * MID_GREY ** (1 - GAMMA) * place.exposure
    return np.float32(place.noise / (np.sqrt(light) * steps_per_light))


def _camera_curve(gamma: float) -> NDArray[np.uint8]:
    """Linear light, 0 to 1 in 65,536 steps, to the 8 bits a camera stores (rounded)."""
    return np.rint(255.0 * np.linspace(0.0, 1.0, 65_536) ** (1.0 / gamma)).astype(np.uint8)


def _wander(rng: np.random.Generator, time: NDArray, fs: float, low: float, high: float) -> NDArray[np.float64]:
    """A smooth random walk (T,), mean 0, standard deviation 1, power falling as 1/f between `low` and `high` Hz."""
    frequency = np.fft.rfftfreq(time.size, 1.0 / fs)
    amplitude = np.zeros(frequency.size)
    inside = (frequency >= low) & (frequency <= high)
    amplitude[inside] = frequency[inside] ** -0.5
    phases = np.exp(2j * np.pi * rng.random(frequency.size))
    wave = np.fft.irfft(amplitude * phases * rng.rayleigh(size=frequency.size), time.size)
    return wave / max(wave.std(), 1e-12)


def _smooth_noise(rng: np.random.Generator, size: int, sigma: float) -> NDArray[np.float64]:
    """A smooth random picture (size, size), mean 0, standard deviation 1."""
    picture = gaussian_filter(rng.standard_normal((size, size)), sigma, mode="wrap")
    return (picture - picture.mean()) / picture.std()


def _streams(seed: int, domain: str, subject: int) -> dict[str, np.random.Generator]:
    """One random stream per thing that is drawn, so that drawing more of one leaves the others as they were."""
    names = ("heart", "face", "light", "motion", "camera", "label", "lamp", "expression", "view", "place")
    root = np.random.SeedSequence([seed, int.from_bytes(domain.encode(), "little"), subject])
    return dict(zip(names, (np.random.default_rng(s) for s in root.spawn(len(names))), strict=True))
