"""What lesson 00 tells its reader about the made faces is true of them."""

import numpy as np
import pytest

from rppg_lab import spectrum, synthesis

FILMED = {"seconds": 20}


def rate_from_green(person):
    """As the lesson reads it: the mean green of the cheeks, and the strongest rhythm in it."""
    green = person.frames[:, 34:46, 18:46, 1].mean(axis=(1, 2))
    pulse = -spectrum.bandpass(green, person.fs)
    frequency, power = spectrum.power_spectrum(pulse, person.fs)
    heart = (frequency > 0.7) & (frequency < 4)
    return 60 * frequency[heart][power[heart].argmax()], np.percentile(pulse, 95) - np.percentile(pulse, 5)


def test_person_34_can_be_read_though_the_change_is_about_one_step():
    person = synthesis.make_video(34, **FILMED)
    rate, change = rate_from_green(person)
    assert rate == pytest.approx(spectrum.heart_rate(person.bvp, person.fs), abs=2)
    assert 0.5 < change < 2
    still = synthesis.make_video(34, **FILMED, pulse=False)
    assert np.abs(rate_from_green(still)[0] - rate) > 5, "it is the pulse that is read"


@pytest.mark.parametrize("subject", [14, 22])
def test_persons_14_and_22_cannot(subject):
    person = synthesis.make_video(subject, **FILMED)
    assert abs(rate_from_green(person)[0] - spectrum.heart_rate(person.bvp, person.fs)) > 10
