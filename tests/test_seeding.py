"""Two runs with one seed are the same run, and nothing else is disturbed."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from rppg_lab import seeding


@pytest.fixture(autouse=True)
def _leave_as_found(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", os.environ.get("PYTHONHASHSEED", "0"))
    threads = torch.get_num_threads()
    with seeding.untouched_random_state():
        yield
    torch.set_num_threads(threads)


def draw():
    """Something from every global generator; an odd number of normals leaves one cached in numpy."""
    return (
        random.random(),
        random.gauss(),
        np.random.randn(3).tolist(),  # noqa: NPY002
        torch.rand(3).tolist(),
    )


def test_the_same_seed_repeats_every_generator_and_another_seed_none():
    first_generator = seeding.seed_everything(7)
    first = draw()
    second_generator = seeding.seed_everything(7)
    assert draw() == first
    assert torch.equal(torch.randperm(50, generator=first_generator), torch.randperm(50, generator=second_generator))
    other_generator = seeding.seed_everything(8)
    assert all(a != b for a, b in zip(draw(), first, strict=True))
    assert not torch.equal(torch.randperm(50, generator=first_generator), torch.randperm(50, generator=other_generator))


def test_the_generator_for_shuffling_is_protected_from_stray_draws():
    generator = seeding.seed_everything(7)
    expected = torch.randperm(50, generator=generator)
    generator = seeding.seed_everything(7)
    draw()
    assert torch.equal(torch.randperm(50, generator=generator), expected)


def test_threads_are_part_of_the_seed_unless_left_alone():
    seeding.seed_everything(0, threads=2)
    assert torch.get_num_threads() == 2
    seeding.seed_everything(0, threads=None)
    assert torch.get_num_threads() == 2
    seeding.seed_everything(0)
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_an_impossible_seed_is_named(seed, error):
    with pytest.raises(error, match=str(seed)):
        seeding.seed_everything(seed)


def test_the_state_survives_a_file_that_runs_no_code(tmp_path):
    seeding.seed_everything(3)
    draw()
    torch.save(seeding.random_state(), tmp_path / "state.pt")
    expected = draw()
    seeding.restore_random_state(torch.load(tmp_path / "state.pt", weights_only=True))
    assert draw() == expected


def test_random_state_is_left_as_found_even_when_the_block_fails():
    seeding.seed_everything(3)
    expected = draw()
    seeding.seed_everything(3)

    @seeding.untouched_random_state()
    def seeds_and_fails():
        seeding.seed_everything(99)
        draw()
        raise KeyError

    with pytest.raises(KeyError):
        seeds_and_fails()
    assert draw() == expected


def test_the_same_bits_are_more_than_equal_numbers():
    weights = {"a": torch.tensor([1.0, torch.nan]), "b": np.arange(3)}
    assert seeding.same_bits(weights, {"b": np.arange(3), "a": torch.tensor([1.0, torch.nan])})
    for name, other in {
        "a": torch.tensor([np.nextafter(np.float32(1), np.float32(2)), torch.nan]),
        "b": np.arange(3).reshape(3, 1),
        "c": 0,
    }.items():
        assert not seeding.same_bits(weights, {**weights, name: other})
        assert not seeding.same_bits({**weights, name: other}, weights)
    assert not seeding.same_bits({"a": torch.zeros(1)}, {"a": -torch.zeros(1)})
    assert not seeding.same_bits({"a": torch.zeros(1)}, {"a": torch.zeros(1, dtype=torch.float64)})
    assert not seeding.same_bits({"a": torch.zeros(1)}, {"b": torch.zeros(1)})
    parameter = torch.nn.Parameter(torch.ones(2))
    assert seeding.same_bits({"a": parameter}, {"a": torch.ones(2)})


def read_coins(workers, seed=0):
    generator = seeding.seed_everything(7)
    loader = torch.utils.data.DataLoader(
        seeding.Coins(64, seed), batch_size=16, shuffle=True, generator=generator, num_workers=workers
    )
    batches = list(loader)
    return {source: torch.cat([batch[source] for batch in batches]).tolist() for source in batches[0]}


def test_a_coin_of_its_own_falls_alike_in_any_process_and_numpys_does_not():
    alone, again, together = read_coins(0), read_coins(0), read_coins(2)
    assert alone["index"] == again["index"] == together["index"]
    assert alone["own"] == again["own"] == together["own"]
    assert alone["numpy"] == again["numpy"] != together["numpy"]
    assert alone["new"] != again["new"]
    assert read_coins(0, seed=1)["own"] != alone["own"]
    assert all(set(alone[source]) == {0, 1} for source in ("numpy", "new", "own"))


def test_coins_end():
    assert len(list(seeding.Coins(3))) == 3
    with pytest.raises(IndexError):
        seeding.Coins(3)[3]


def test_importing_seeding_does_not_import_torch():
    code = "import sys, rppg_lab.seeding; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
