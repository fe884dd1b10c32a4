"""Networks by name; their weights in files that cannot do harm."""

import os
import pickle

import pytest
import torch

from rppg_lab import models


@pytest.fixture
def trained():
    torch.manual_seed(1)
    model = models.get_model("physnet", width=8)
    model(torch.randn(2, 3, 8, 16, 16))  # moves BatchNorm's running statistics
    return model.eval()


VIDEO = torch.randn(1, 3, 8, 16, 16, generator=torch.Generator().manual_seed(2))


def test_get_model_passes_settings_on():
    assert models.get_model("physnet", width=16).settings == {"width": 16}


def test_an_unknown_model_is_told_the_valid_ones():
    with pytest.raises(NotImplementedError, match=r"'physnett'.*physnet"):
        models.get_model("physnett")


def test_loaded_weights_give_the_same_wave(trained, tmp_path):
    models.save_weights(tmp_path / "a" / "net.pt", trained, {"fs": 30.0, "normalise": "time"})
    loaded = models.load_weights(tmp_path / "a" / "net.pt")
    assert torch.equal(loaded(VIDEO), trained(VIDEO))
    assert loaded.about == {"fs": 30.0, "normalise": "time"}
    assert not loaded.training


def test_weights_of_another_model_are_refused(trained, tmp_path):
    path = models.save_weights(tmp_path / "net.pt", trained)
    with pytest.raises(ValueError, match=r"physnet\(width=8\).*physnet\(width=16\)"):
        models.load_weights(path, models.get_model("physnet", width=16))
    with pytest.raises(ValueError, match="do not fit Linear"):
        models.load_weights(path, torch.nn.Linear(2, 2))
    models.save_weights(path, torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="'Linear', which is none of physnet"):
        models.load_weights(path)


def test_a_learners_own_class_can_be_saved_and_filled(tmp_path):
    first, second = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    models.load_weights(models.save_weights(tmp_path / "own.pt", first), second)
    assert torch.equal(first.weight, second.weight)
    with pytest.raises(ValueError, match="does not fit"):
        models.load_weights(tmp_path / "own.pt", torch.nn.Linear(4, 2))


class Harmful:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (self.target,)


def test_a_file_that_would_run_code_is_refused_and_does_not_run(trained, tmp_path):
    target = str(tmp_path / "made by the pickle")
    torch.save({"format": models.WEIGHTS_FORMAT, "weights": Harmful(target)}, tmp_path / "harmful.pt")
    with pytest.raises(ValueError, match="run code"):
        models.load_weights(tmp_path / "harmful.pt")
    (tmp_path / "harmful.pkl").write_bytes(pickle.dumps(Harmful(target), protocol=2))
    with pytest.raises(ValueError, match="refused"):
        models.load_weights(tmp_path / "harmful.pkl")
    assert not os.path.exists(target)


def test_missing_empty_truncated_and_foreign_files_are_told_apart(trained, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.pt"):
        models.load_weights(tmp_path / "nothing.pt")
    path = models.save_weights(tmp_path / "net.pt", trained)
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"net\.pt"):
            models.load_weights(path)
    torch.save(trained.state_dict(), path)
    with pytest.raises(ValueError, match="not a file of 'rppg-lab weights"):
        models.load_weights(path)


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_old_file_and_no_litter(trained, tmp_path, monkeypatch, failure):
    path = models.save_weights(tmp_path / "net.pt", trained)
    before = path.read_bytes()
    save = torch.save

    def fails_half_way(content, to):
        save(content, to)
        raise failure

    monkeypatch.setattr(torch, "save", fails_half_way)
    with pytest.raises(type(failure)):
        models.save_weights(path, models.get_model("physnet", width=8))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.pt"]
