"""A pulse from colour, without training: seven published methods, each `rgb (T, 3), fs -> bvp (T,)`.

`rgb` is the mean colour of the skin, frame by frame, evenly sampled at `fs` Hz, in any unit that is proportional to
light (0–255 or 0–1); `video.mean_colour` gives it.

**Polarity.** The course has one: `bvp` goes *up* when the heart pumps (systole), as a contact sensor shows it. More
blood swallows more light, so the skin gets darker then, most of all in green. POS, PBV, LGI, OMIT and GREEN follow the
light in their papers and are turned round here; CHROM already goes up with the blood. Only ICA knows no sign: it is
turned so that it runs against green.

**Filters.** Nothing is filtered beyond what the method's paper does: CHROM contains a band-pass, ICA a detrending, and
each says so. The waves of the others carry what is slow and what is noise; `spectrum.heart_rate` looks into the heart
band.

Every method raises ValueError, saying what is wrong, for colours that are not (T, 3), not finite, negative, black,
constant or too few; and, but for GREEN, for a grey video, which holds no colour to tell the pulse by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from rppg_lab.spectrum import HEART_BAND, bandpass, detrend, power_spectrum

SHORT_WINDOW = 1.6  # s: 32 frames at 20 fps in the papers of CHROM and POS; at least one beat fits
CHANNELS = ("red", "green", "blue")
FLAT = 1e-12  # relative variance below which a window holds no signal: a millionth of the light, squared


def _checked(rgb: np.ndarray, fs: float, method: str, seconds: float, colour: bool = True) -> np.ndarray:
    """The colours as the papers write them, C (3, T) in float64; a ValueError names the method and the fault."""
    rgb = np.asarray(rgb, dtype=np.float64)
    if rgb.ndim != 2 or rgb.shape[1] != 3:
        hint = ": transpose it" if rgb.ndim == 2 and rgb.shape[0] == 3 else ""
        raise ValueError(f"{method} needs one colour per frame, shape (T, 3), not {rgb.shape}{hint}")
    if not np.isfinite(fs) or fs <= 0:
        raise ValueError(f"{method}: fs must be a positive number of frames per second, not {fs!r}")
    least = max(round(seconds * fs), 4)
    if len(rgb) < least:
        raise ValueError(f"{method} needs at least {least} frames ({least / fs:.1f} s at {fs:g} fps), not {len(rgb)}")
    c = np.ascontiguousarray(rgb.T)
    finite = np.isfinite(c)
    if not finite.all():
        lost = ~finite.all(axis=0)
        raise ValueError(
            f"{method}: {np.count_nonzero(lost)} of {len(rgb)} frames have no colour (NaN or infinite), the first at "
            f"{np.argmax(lost) / fs:.2f} s: was the face lost there?"
        )
    lowest, highest = c.min(axis=1), c.max(axis=1)
    if lowest.min() < 0:
        raise ValueError(
            f"{method} needs colours, which are never negative: give the camera's values, not standardised"
        )
    if highest.min() == 0:
        raise ValueError(f"{method}: the {CHANNELS[np.argmin(highest)]} channel is black (0) throughout")
    if np.all(highest - lowest <= np.sqrt(FLAT) * highest):
        raise ValueError(f"{method}: the colour is constant over all {len(rgb)} frames, so there is no pulse in it")
    if colour:
        scaled = c / c.mean(axis=1, keepdims=True)
        if max(np.abs(scaled[1] - scaled[0]).max(), np.abs(scaled[1] - scaled[2]).max()) <= np.sqrt(FLAT):
            raise ValueError(f"{method} needs colour, but red, green and blue move as one (a grey video?): try GREEN")
    return c


def _relative(c: np.ndarray) -> np.ndarray:
    """Relative change of each channel (3, T): its value over its mean, minus 1 (AC over DC)."""
    return c / c.mean(axis=1, keepdims=True) - 1.0


# --- one channel -----------------------------------------------------------------------------------------------------


def green(rgb: np.ndarray, fs: float) -> np.ndarray:
    """GREEN: the green channel alone, as relative change, turned so that more blood is up. (T, 3) -> (T,).

    Verkruysse, Svaasand & Nelson, Optics Express 16 (2008) 21434: haemoglobin absorbs green best, and green light still
    reaches the pulsing vessels. Whatever else changes the light changes it too.
    """
    return -_relative(_checked(rgb, fs, "GREEN", 0.0, colour=False))[1]


# --- blind separation ------------------------------------------------------------------------------------------------


def _jade(mixed: np.ndarray) -> np.ndarray:
    """Independent components (n, T) of n mixed signals (n, T), each with variance 1; the order is without meaning.

    JADE: Cardoso, Neural Computation 11 (1999) 157. White signals are turned until their fourth-order cumulant matrices
    are as diagonal as they can be together. No random start: the same input gives the same output.
    """
    count, samples = mixed.shape
    centred = mixed - mixed.mean(axis=1, keepdims=True)
    variances, axes = np.linalg.eigh(centred @ centred.T / samples)
    if variances[0] <= FLAT * variances[-1]:
        raise ValueError("ICA cannot separate these channels: one is constant, or a copy or mixture of the others")
    white = (axes / np.sqrt(variances)).T @ centred

    identity = np.eye(count)
    cumulants = []
    for p in range(count):
        for q in range(p + 1):
            # E[xp xq x xᵀ], less what a Gaussian of the same (unit) covariance would give
            matrix = (white * (white[p] * white[q])) @ white.T / samples
            matrix -= np.outer(identity[p], identity[q]) + np.outer(identity[q], identity[p]) + (p == q) * identity
            cumulants.append(matrix if p == q else np.sqrt(2) * matrix)
    matrices = np.array(cumulants)

    turned = identity.copy()
    smallest = 1e-6 / np.sqrt(samples)  # an angle far below what so many samples determine
    for _ in range(100):
        largest = 0.0
        for p in range(count - 1):
            for q in range(p + 1, count):
                pair = np.array([matrices[:, p, p] - matrices[:, q, q], matrices[:, p, q] + matrices[:, q, p]])
                gram = pair @ pair.T
                on, off = gram[0, 0] - gram[1, 1], gram[0, 1] + gram[1, 0]
                angle = 0.5 * np.arctan2(off, on + np.hypot(on, off))
                largest = max(largest, abs(angle))
                rotation = identity.copy()
                rotation[[p, q], [p, q]] = np.cos(angle)
                rotation[p, q], rotation[q, p] = -np.sin(angle), np.sin(angle)
                matrices = rotation.T @ matrices @ rotation
                turned = turned @ rotation
        if largest < smallest:
            break
    return turned.T @ white


def ica(rgb: np.ndarray, fs: float) -> np.ndarray:
    """ICA: the independent component with the most pronounced rhythm, variance 1. (T, 3) -> (T,).

    Poh, McDuff & Picard, Optics Express 18 (2010) 10762 and IEEE Trans. Biomed. Eng. 58 (2011) 7: each channel is
    detrended (smoothness priors), brought to mean 0 and variance 1, separated by JADE, and the component whose power is
    gathered most in one peak of the heart band is taken (2011). They use windows of 30 s; here the recording is one.

    Their λ = 10 at 15 fps halves everything at 0.76 Hz and with it a slow heart; we keep `spectrum.detrend`'s cutoff.
    Their smoothing and band-pass *after* the separation belong to reading the rate and are left out.
    A component has no sign of its own: ours is turned to run against green.
    """
    steady = detrend(_relative(_checked(rgb, fs, "ICA", 1 / HEART_BAND[0])), fs)
    steady = (steady - steady.mean(axis=1, keepdims=True)) / np.maximum(steady.std(axis=1, keepdims=True), FLAT)
    sources = _jade(steady)
    frequency, power = power_spectrum(sources, fs)
    heart = (frequency >= HEART_BAND[0]) & (frequency <= HEART_BAND[1])
    chosen = sources[np.argmax(power[:, heart].max(axis=1))]  # all have variance 1, so the highest is the purest
    return -np.sign(chosen @ steady[1] or 1.0) * chosen


# --- projections with a model of the skin ----------------------------------------------------------------------------


def _overlapping(samples: int, fs: float, window: float) -> tuple[np.ndarray, np.ndarray]:
    """Frame numbers (n, L) of half-overlapping windows that cover every frame, and their Hann taper (L,), L even."""
    half = max(int(window * fs / 2 + 1e-9), 2)
    last = samples - 2 * half
    starts = np.append(np.arange(0, last, half), last)  # the last window ends with the last frame
    # the taper is sampled between the frames, so that no weight is zero and the first and last frame count too
    taper = np.sin(np.pi * (np.arange(2 * half) + 0.5) / (2 * half)) ** 2
    return starts[:, None] + np.arange(2 * half), taper


def _overlap_add(pieces: np.ndarray, frames: np.ndarray, taper: np.ndarray, samples: int) -> np.ndarray:
    """Put windows (n, L) back in their places, tapered, and divide by the sum of the tapers: (samples,)."""
    total = np.bincount(frames.ravel(), (pieces * taper).ravel(), samples)
    return total / np.bincount(frames.ravel(), np.broadcast_to(taper, frames.shape).ravel(), samples)


def _normalised_windows(c: np.ndarray, frames: np.ndarray, fs: float, method: str) -> np.ndarray:
    """Windows (3, n, L) of relative change: each channel over its own mean within the window, minus 1."""
    pieces = c[:, frames]
    means = pieces.mean(axis=2)
    _refuse_black(means, frames[:, 0], frames.shape[1], fs, method)
    return pieces / means[:, :, None] - 1.0


def _refuse_black(means: np.ndarray, starts: np.ndarray, length: int, fs: float, method: str) -> None:
    """ValueError where the mean of a channel (3, n) over a window is no light at all."""
    dark = means <= 1e-9 * means.max()  # not 0: running sums leave a rounding error behind
    if dark.any():
        channel, window = np.argwhere(dark)[0]
        raise ValueError(
            f"{method}: {CHANNELS[channel]} is black (0) from {starts[window] / fs:.2f} to "
            f"{(starts[window] + length) / fs:.2f} s, and nothing can be relative to no light: cut that part out"
        )


def _ratio_of_spread(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """σ(first) / σ(second) for two variances; 0 where the second signal is flat and cannot balance anything."""
    flat = second <= FLAT
    return np.where(flat, 0.0, np.sqrt(np.maximum(first, 0.0) / np.where(flat, 1.0, second)))


def chrom(rgb: np.ndarray, fs: float, window: float = SHORT_WINDOW) -> np.ndarray:
    """CHROM: two colour differences free of specular reflection, balanced so that motion cancels. (T, 3) -> (T,).

    De Haan & Jeanne, IEEE Trans. Biomed. Eng. 60 (2013) 2878, in its symbols: colours are normalised in a window,
    Xs = 3 Rn − 2 Gn and Ys = 1.5 Rn + Gn − 1.5 Bn (the skin's standard tone is in these numbers), both band-passed to
    Xf and Yf, and S = Xf − α Yf with α = σ(Xf) / σ(Yf) in each of half-overlapping Hann windows of 1.6 s, added up.

    The band-pass is part of the method: α must balance what lies in the heart band. The paper's 40–240 per minute is
    the course's 42–240 here. It runs over the whole recording, as windows of 1.6 s are too short for it.
    With more blood Xs rises and Ys falls, so S has the course's polarity as it is.
    """
    c = _checked(rgb, fs, "CHROM", max(window, 1 / HEART_BAND[0]))
    samples = c.shape[1]
    frames, taper = _overlapping(samples, fs, window)
    red, green_, blue = _normalised_windows(c, frames, fs, "CHROM")
    xs = _overlap_add(3.0 * red - 2.0 * green_, frames, taper, samples)
    ys = _overlap_add(1.5 * red + green_ - 1.5 * blue, frames, taper, samples)
    xf, yf = bandpass(np.stack([xs, ys]), fs)[:, frames]
    alpha = _ratio_of_spread(xf.var(axis=1), yf.var(axis=1))
    return _overlap_add(xf - alpha[:, None] * yf, frames, taper, samples)


# Projection of Wang et al. (2017), Algorithm 1, line 6. Each row sums to zero: it is blind to a change of the light.
POS_PLANE = np.array([[0.0, 1.0, -1.0], [-2.0, 1.0, 1.0]])


def pos(rgb: np.ndarray, fs: float, window: float = SHORT_WINDOW) -> np.ndarray:
    """POS: a projection onto the plane orthogonal to the skin's tone, tuned window by window. (T, 3) -> (T,).

    Wang, den Brinker, Stuijk & de Haan, IEEE Trans. Biomed. Eng. 64 (2017) 1479, Algorithm 1, the same numbers without
    its loop over windows. In a window of l frames with mean colour μ, line 5 divides by μ, line 6 projects and line 7
    adds the two rows as S₁ + α S₂: all of it a weighted sum p·C(t) with *one* weight vector p = (P₁ + α P₂) / μ per
    window. Its mean over the window is (P₁ + α P₂)·(1, 1, 1) = 0, so line 8 subtracts nothing, and adding up the
    windows that contain frame t gives C(t) · Σ p. Sums over windows are differences of running sums: time linear in T.

    The result is the paper's H, turned: h follows the light, `bvp` the blood. As in the paper the first and last 1.6 s
    are covered by fewer windows and come out smaller.
    """
    c = _checked(rgb, fs, "POS", window)
    length = max(round(window * fs), 2)

    def over_windows(values: np.ndarray) -> np.ndarray:
        """Sums over `length` neighbours along the last axis, as differences of running sums."""
        running = np.cumsum(values, axis=-1)
        sums = running[..., length - 1 :].copy()
        sums[..., 1:] -= running[..., :-length]
        return sums

    # line 5: the mean colour (3, n) of every window, and the covariance (3, 3, n) of the channels in it. Centring first
    # keeps the running sums of squares small, so that no digits are lost.
    middle = c.mean(axis=1, keepdims=True)
    centred = c - middle
    offset = over_windows(centred) / length
    mean = middle + offset
    _refuse_black(mean, np.arange(mean.shape[1]), length, fs, "POS")
    covariance = over_windows(centred[:, None] * centred) / length - offset[:, None] * offset

    # lines 5 and 6 as two weight vectors per window (2, 3, n), and the variance of S₁ and S₂ that they give
    weights = POS_PLANE[:, :, None] / mean
    variance = np.einsum("kin,ijn,kjn->kn", weights, covariance, weights)
    tuned = weights[0] + _ratio_of_spread(variance[0], variance[1]) * weights[1]  # line 7

    # line 8: frame t lies in the windows that start at t − l + 1 … t
    return -np.sum(c * over_windows(np.pad(tuned, ((0, 0), (length - 1, length - 1)))), axis=0)


# Relative strength of the pulse in red, green and blue under white light: de Haan & van Leest (2014).
PULSE_SIGNATURE = np.array([0.33, 0.77, 0.53])


def pbv(
    rgb: np.ndarray, fs: float, window: float = SHORT_WINDOW, signature: np.ndarray = PULSE_SIGNATURE
) -> np.ndarray:
    """PBV: the combination of channels that is quietest while it keeps the known colour of the pulse. (T, 3) -> (T,).

    De Haan & van Leest, Physiological Measurement 35 (2014) 1913, in its symbols: with Cn the normalised colours of a
    window, Q = Cn Cnᵀ and W = k · Pbv Q⁻¹, where k gives W length 1; the pulse is W Cn. Motion that changes the colours
    in another direction than Pbv is suppressed. `signature` is Pbv for the camera and light at hand.

    Half-overlapping Hann windows are added up as in CHROM; no band-pass. A window of one or two beats follows changing
    light, but lets the quietest combination silence a little of the pulse too: in steady light longer windows give a
    cleaner wave. Where nothing but the pulse moves and `signature` is wrong, the pulse itself is taken for motion.
    W Cn follows the light and is turned round.
    """
    c = _checked(rgb, fs, "PBV", window)
    signature = np.asarray(signature, dtype=np.float64)
    if signature.shape != (3,) or not np.all(np.isfinite(signature)) or not np.any(signature):
        raise ValueError(f"PBV: signature must be three numbers (red, green, blue), not {signature!r}")
    frames, taper = _overlapping(c.shape[1], fs, window)
    cn = _normalised_windows(c, frames, fs, "PBV").transpose(1, 0, 2)
    q = cn @ cn.transpose(0, 2, 1) / taper.size
    # a window whose colours span fewer than three directions has no inverse; the smallest ridge gives it one
    q += (FLAT + 1e-9 * np.trace(q, axis1=1, axis2=2))[:, None, None] * np.eye(3)
    w = np.linalg.solve(q, np.broadcast_to(signature, (len(q), 3))[..., None])
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    return -_overlap_add((w.transpose(0, 2, 1) @ cn)[:, 0], frames, taper, c.shape[1])


def _green_without(direction: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Green of what remains of the colours (3, T) when `direction` (3,) is projected away, relative, blood up. (T,)"""
    projection = np.eye(3) - np.outer(direction, direction)
    remaining = projection[1] @ c / c[1].mean()
    return remaining.mean() - remaining


def lgi(rgb: np.ndarray, fs: float) -> np.ndarray:
    """LGI: green, after the one direction in which the colours vary most is projected away. (T, 3) -> (T,).

    Pilz, Zaunseder, Krajewski & Blazek, CVPR Workshops (2018) 1254: with U the left singular vectors of the colours
    (3, T), s = U₁ and P = I − s sᵀ, the pulse is the green row of P C. The colours are not centred, so s is the colour
    of the skin, and what is removed is any change of brightness.

    More blood takes more from green than from the skin's colour as a whole: the sign follows from that, not from data.
    """
    c = _checked(rgb, fs, "LGI", 0.0)
    # the left singular vectors of C (3, T) are the eigenvectors of C Cᵀ (3, 3), found without the T × T part
    return _green_without(np.linalg.eigh(c @ c.T)[1][:, -1], c)


def omit(rgb: np.ndarray, fs: float) -> np.ndarray:
    """OMIT: as LGI, with the direction from a QR decomposition. (T, 3) -> (T,).

    Álvarez Casado & Bordallo López, IEEE J. Biomed. Health Inform. 27 (2023) 5530: C = Q R for the colours (3, T) by
    Householder reflections, s = Q₁ and P = I − s sᵀ, and the pulse is the green row of P C.

    Q₁ is the first column of C, scaled: the colour of the *first frame*, whatever comes after it.
    """
    c = _checked(rgb, fs, "OMIT", 0.0)
    if not c[:, 0].any():
        raise ValueError("OMIT takes its direction from the first frame, and that is black: begin a frame later")
    return _green_without(np.linalg.qr(c)[0][:, 0], c)


METHODS: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = MappingProxyType(
    {"GREEN": green, "ICA": ica, "CHROM": chrom, "POS": pos, "LGI": lgi, "PBV": pbv, "OMIT": omit}
)


def get_method(name: str) -> Callable[[np.ndarray, float], np.ndarray]:
    """The method called `name`, in capitals or not. Raises ValueError naming the valid ones."""
    try:
        return METHODS[name.upper()]
    except (KeyError, AttributeError):
        raise ValueError(f"unknown method {name!r}; valid names: {', '.join(METHODS)}") from None
