"""Light, blood and skin behave as published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rppg_lab import physics

PUBLISHED_PULSE = np.array([0.33, 0.77, 0.53])  # de Haan & van Leest 2014, white light
tones = st.floats(0.0, 1.0)


def test_extinction_is_the_published_table():
    assert physics.extinction(600, oxygenated=True) == pytest.approx(3200)
    assert physics.extinction(600, oxygenated=False) == pytest.approx(14677.2)


def test_both_haemoglobins_absorb_alike_at_the_isosbestic_points():
    for wavelength in (500, 529, 545, 570, 584):
        oxygenated, bare = (physics.extinction(wavelength, oxygenated=o) for o in (True, False))
        assert oxygenated == pytest.approx(bare, rel=0.03), wavelength


def test_venous_blood_takes_more_red_than_arterial():
    assert physics.blood_absorption(660, 0.70) > 2 * physics.blood_absorption(660, 0.98)


def test_a_wavelength_outside_the_table_is_refused():
    with pytest.raises(ValueError, match="400 to 1000 nm, not 350"):
        physics.extinction([350, 500], oxygenated=True)


@given(st.floats(0, 50), st.floats(0, 1), st.floats(0, 1))
def test_two_paths_in_a_row_let_through_the_product(absorption, first, second):
    both = physics.transmission(absorption, first + second)
    assert both == pytest.approx(physics.transmission(absorption, first) * physics.transmission(absorption, second))


@given(tones)
def test_skin_returns_less_light_the_more_blood_it_holds(tone):
    pale, flushed = (physics.skin_reflectance(physics.WAVELENGTHS, tone, f) for f in (0.01, 0.03))
    assert (flushed < pale).all()
    assert (pale < 1).all()
    assert (flushed > 0).all()


@given(tones, st.floats(0.01, 0.5))
def test_skin_is_darker_with_more_melanin_and_always_reddest(tone, step):
    light, dark = physics.skin_colour(tone), physics.skin_colour(min(1.0, tone + step))
    assert (dark <= light).all()
    assert light[0] > light[1] > light[2]


def test_the_pulse_has_the_published_colour():
    for tone in (0.0, 0.5, 1.0):
        angle = np.degrees(np.arccos(physics.pulse_colour(tone) @ PUBLISHED_PULSE / np.linalg.norm(PUBLISHED_PULSE)))
        assert angle < 6, tone
    np.testing.assert_allclose(physics.pulse_colour(0.4), PUBLISHED_PULSE / np.linalg.norm(PUBLISHED_PULSE), atol=0.02)


def test_another_camera_sees_another_colour_of_the_pulse():
    usual = physics.pulse_colour(0.4)
    redder = physics.pulse_colour(0.4, shift=(-20.0, 0.0, 0.0))  # nearer to green, where blood takes more
    assert redder[0] / redder[1] > 1.2 * usual[0] / usual[1]
    np.testing.assert_allclose(redder[2] / redder[1], usual[2] / usual[1], rtol=1e-9)
    peaks = np.array(
        [
            np.average(physics.WAVELENGTHS, weights=curve)
            for curve in physics.camera_sensitivity(physics.WAVELENGTHS, (10.0, 0.0, -10.0))
        ]
    )
    usually = physics.camera_sensitivity(physics.WAVELENGTHS) @ physics.WAVELENGTHS
    np.testing.assert_allclose(peaks - usually, (10.0, 0.0, -10.0), atol=1.0)


def test_without_a_depth_blue_would_win():
    red, green, blue = physics.pulse_colour(0.4, depth_cm=0.0)
    assert blue > green > red
    red, green, blue = physics.pulse_colour(0.4)
    assert green > blue > red


def test_red_light_reaches_deeper_than_blue():
    absorption, scatter = physics.dermis_absorption([460, 640]), physics.scattering([460, 640])
    blue, red = physics.penetration_depth(absorption, scatter)
    assert red > 2 * blue


def test_a_white_sheet_is_white_under_every_lamp():
    for kelvin in (2900, 6500):
        weights = physics._camera_weights(physics.black_body(physics.WAVELENGTHS, kelvin))
        np.testing.assert_allclose(weights @ np.ones(physics.WAVELENGTHS.size), 1.0)


def test_a_light_on_other_wavelengths_is_refused():
    with pytest.raises(ValueError, match="WAVELENGTHS"):
        physics.skin_colour(0.5, light=np.ones(7))
