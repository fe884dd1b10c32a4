"""Light, blood and skin: why a camera can see a pulse at all.

Light falls on skin. A little of it is mirrored at the surface and knows nothing of blood; the rest enters, is
coloured by melanin and blood, and comes out again. With every beat there is slightly more blood, so slightly less
light returns. Everything here is per wavelength (nm) and is brought to a camera's three numbers only at the end.

The tissue is the simplest one that gets the colours right: a layer of melanin over a deep, scattering, blood-filled
dermis (S. L. Jacques, "Optical properties of biological tissues: a review", Phys. Med. Biol. 58, 2013, and "Skin
optics", OMLC 1998).
"""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

WAVELENGTHS = np.arange(400.0, 701.0, 2.0)  # nm: what a colour camera sees
HAEMOGLOBIN_MOLAR = 150.0 / 64_500.0  # mol/L in whole blood: 150 g/L of a molecule of 64,500 g/mol
BLOOD_FRACTION = 0.015  # share of the dermis that is blood
ARTERIAL_SATURATION = 0.97
TISSUE_SATURATION = 0.75  # mixed arterial and venous blood
EPIDERMIS_CM = 0.006
MELANIN_FRACTION = (0.015, 0.28)  # share of the epidermis that is melanosomes: lightest and darkest skin
PULSE_DEPTH_CM = 0.040  # how deep the pulsating vessels begin; chosen, see `pulse_colour`
SURFACE_REFLECTANCE = 0.04  # share of light mirrored by the skin's surface (Fresnel, refractive index 1.4 to 1.5)
CAMERA_PEAKS = {"R": (620.0, 30.0), "G": (535.0, 32.0), "B": (455.0, 24.0)}  # nm: centre and width of a typical sensor


@cache
def _extinction_table() -> NDArray[np.float64]:
    source = files("rppg_lab").joinpath("tables/haemoglobin_extinction.csv")
    with source.open(encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=2)


def extinction(wavelength: ArrayLike, oxygenated: bool) -> NDArray[np.float64]:
    """Molar extinction of haemoglobin, cm⁻¹ per mol/L (Prahl's compilation).

    wavelength: nm, any shape, 400 to 1000. oxygenated: True for HbO2, False for Hb.
    Raises ValueError outside the table.
    """
    table = _extinction_table()
    wavelength = np.asarray(wavelength, dtype=float)
    if wavelength.size and (wavelength.min() < table[0, 0] or wavelength.max() > table[-1, 0]):
        raise ValueError(
            f"The table covers {table[0, 0]:.0f} to {table[-1, 0]:.0f} nm, "
            f"not {wavelength.min():.0f} to {wavelength.max():.0f}."
        )
    return np.interp(wavelength, table[:, 0], table[:, 1 if oxygenated else 2])


def blood_absorption(wavelength: ArrayLike, saturation: float) -> NDArray[np.float64]:
    """Absorption coefficient of whole blood in cm⁻¹ (natural logarithm), at an oxygen saturation of 0 to 1."""
    mixed = saturation * extinction(wavelength, True) + (1 - saturation) * extinction(wavelength, False)
    return np.log(10.0) * HAEMOGLOBIN_MOLAR * mixed


def transmission(absorption: ArrayLike, path_cm: ArrayLike) -> NDArray[np.float64]:
    """Share of light left after a path through an absorber that does not scatter (Beer–Lambert)."""
    return np.exp(-np.asarray(absorption, dtype=float) * np.asarray(path_cm, dtype=float))


def scattering(wavelength: ArrayLike) -> NDArray[np.float64]:
    """Reduced scattering coefficient of skin, cm⁻¹ (Jacques 2013, eq. 1 with a = 46 cm⁻¹, b = 1.421)."""
    return 46.0 * (np.asarray(wavelength, dtype=float) / 500.0) ** -1.421


def dermis_absorption(wavelength: ArrayLike, blood_fraction: float = BLOOD_FRACTION) -> NDArray[np.float64]:
    """Absorption of the dermis, cm⁻¹: bloodless tissue (Jacques 1998) and its share of blood."""
    wavelength = np.asarray(wavelength, dtype=float)
    bloodless = 0.244 + 85.3 * np.exp(-(wavelength - 154.0) / 66.2)
    return (1 - blood_fraction) * bloodless + blood_fraction * blood_absorption(wavelength, TISSUE_SATURATION)


def melanin_fraction(tone: ArrayLike) -> NDArray[np.float64]:
    """Share of melanosomes in the epidermis for a tone of 0 (lightest) to 1 (darkest): even steps in the logarithm."""
    low, high = np.log(MELANIN_FRACTION)
    return np.exp(low + (high - low) * np.asarray(tone, dtype=float))


def epidermis_transmission(wavelength: ArrayLike, tone: float) -> NDArray[np.float64]:
    """Share of light that melanin lets through on the way in and out again (Jacques 1998: 6.6e11 · λ^-3.33 cm⁻¹)."""
    melanosome = 6.6e11 * np.asarray(wavelength, dtype=float) ** -3.33
    return transmission(melanin_fraction(tone) * melanosome, 2 * EPIDERMIS_CM)


def dermis_reflectance(absorption: ArrayLike, scatter: ArrayLike) -> NDArray[np.float64]:
    """Share of light that a deep scattering layer sends back: exp(−7.8 / √(3 (1 + μs'/μa))) (Jacques 1998)."""
    return np.exp(-7.8 / np.sqrt(3.0 * (1.0 + np.asarray(scatter) / np.asarray(absorption))))


def penetration_depth(absorption: ArrayLike, scatter: ArrayLike) -> NDArray[np.float64]:
    """Depth in cm at which light has faded to 1/e: 1 / √(3 μa (μa + μs')) (diffusion theory)."""
    absorption, scatter = np.asarray(absorption, dtype=float), np.asarray(scatter, dtype=float)
    return 1.0 / np.sqrt(3.0 * absorption * (absorption + scatter))


def skin_reflectance(wavelength: ArrayLike, tone: float, blood_fraction: float = BLOOD_FRACTION) -> NDArray[np.float64]:
    """Diffuse reflectance of skin, 0 to 1: in through melanin, back from the dermis, out through melanin."""
    dermis = dermis_reflectance(dermis_absorption(wavelength, blood_fraction), scattering(wavelength))
    return epidermis_transmission(wavelength, tone) * dermis


def relative_pulse(wavelength: ArrayLike, depth_cm: float = PULSE_DEPTH_CM) -> NDArray[np.float64]:
    """How much of the returned light (AC/DC) a 1 % larger blood volume takes away, at each wavelength.

    More blood darkens the dermis, but only where light reaches: the vessels that pulsate begin at `depth_cm`, and
    light that turns back above them carries no pulse, so the change is weighted with the share exp(−2 depth /
    penetration) that got there and back. Melanin dims AC and DC alike and cancels. With `depth_cm` 0 this is the
    naive estimate in which blue wins.
    """
    absorption, scatter = dermis_absorption(wavelength), scattering(wavelength)
    more = absorption + 0.01 * BLOOD_FRACTION * blood_absorption(wavelength, ARTERIAL_SATURATION)
    change = 1.0 - dermis_reflectance(more, scatter) / dermis_reflectance(absorption, scatter)
    return change * np.exp(-2.0 * depth_cm / penetration_depth(absorption, scatter))


def camera_sensitivity(wavelength: ArrayLike, shift: ArrayLike = (0.0, 0.0, 0.0)) -> NDArray[np.float64]:
    """A colour camera: (3, N) sensitivities of R, G, B with equal areas (bell curves at `CAMERA_PEAKS`).

    shift: how far the curves of R, G and B lie from those of the typical camera, nm; no two makers choose the same.
    """
    wavelength = np.asarray(wavelength, dtype=float)
    curves = np.stack(
        [
            np.exp(-0.5 * ((wavelength - peak - moved) / width) ** 2)
            for (peak, width), moved in zip(CAMERA_PEAKS.values(), shift, strict=True)
        ]
    )
    return curves / curves.sum(axis=1, keepdims=True)


def black_body(wavelength: ArrayLike, kelvin: float) -> NDArray[np.float64]:
    """Spectrum of a glowing body (Planck), scaled to 1 at 560 nm. Daylight is near 6500 K, a warm lamp near 2900 K."""
    metres = np.asarray(wavelength, dtype=float) * 1e-9

    def planck(x: ArrayLike) -> NDArray[np.float64]:
        return 1.0 / (np.asarray(x) ** 5 * np.expm1(1.438777e-2 / (np.asarray(x) * kelvin)))

    return planck(metres) / planck(560e-9)


def skin_colour(
    tone: float,
    *,
    light: ArrayLike | None = None,
    blood_fraction: float = BLOOD_FRACTION,
    shift: ArrayLike = (0.0, 0.0, 0.0),
) -> NDArray[np.float64]:
    """What the camera sees of the diffuse light: (3,) linear R, G, B; a white sheet gives 1, 1, 1 (white balance).

    tone: 0 lightest … 1 darkest. light: spectrum on `WAVELENGTHS`, default daylight of 6500 K. shift: of the camera's
    curves, see `camera_sensitivity`.
    """
    weights = _camera_weights(light, shift)
    return weights @ skin_reflectance(WAVELENGTHS, tone, blood_fraction)


def pulse_colour(
    tone: float,
    *,
    light: ArrayLike | None = None,
    depth_cm: float = PULSE_DEPTH_CM,
    shift: ArrayLike = (0.0, 0.0, 0.0),
) -> NDArray[np.float64]:
    """Relative pulse (AC/DC) of R, G, B, as a (3,) vector of length 1.

    Published for white light and an ordinary camera: about 0.33 : 0.77 : 0.53 (de Haan & van Leest 2014). That we come
    so close is no proof: `PULSE_DEPTH_CM`, `BLOOD_FRACTION` and `CAMERA_PEAKS` were chosen, each within what is
    plausible, so that we do. Absorption and scattering come from published tables and formulas.
    """
    weights = _camera_weights(light, shift)
    diffuse = skin_reflectance(WAVELENGTHS, tone)
    alternating = weights @ (diffuse * relative_pulse(WAVELENGTHS, depth_cm))
    ratio = alternating / (weights @ diffuse)
    return ratio / np.linalg.norm(ratio)


def _camera_weights(light: ArrayLike | None, shift: ArrayLike = (0.0, 0.0, 0.0)) -> NDArray[np.float64]:
    """(3, N) sensitivity × light, white-balanced so that a white sheet gives 1 in each channel."""
    spectrum = black_body(WAVELENGTHS, 6500.0) if light is None else np.asarray(light, dtype=float)
    if spectrum.shape != WAVELENGTHS.shape:
        raise ValueError(f"light must be given on the {WAVELENGTHS.size} WAVELENGTHS, got shape {spectrum.shape}.")
    weights = camera_sensitivity(WAVELENGTHS, shift) * spectrum
    return weights / weights.sum(axis=1, keepdims=True)
