"""The report on the computer: the same for every computer on which all is well, a remedy for each that is not."""

import importlib.metadata
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rppg_lab import folders
from rppg_lab.checks import environment
from rppg_lab.datasets import made


@pytest.fixture
def _all_well(monkeypatch, tmp_path):
    monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path))
    monkeypatch.setattr(made, "SAMPLES", {})
    monkeypatch.setattr(environment, "memory_bytes", lambda: 16e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=50e9))
    monkeypatch.setattr(environment, "CORES_WANTED", 1)


def found(what):
    (one,) = (one for one in environment.inspect_environment() if one.what == what)
    return one


@pytest.mark.usefixtures("_all_well")
class TestReport:
    def test_when_all_is_well(self):
        report = environment.environment_report()
        assert report.count("good") == 6
        assert report.endswith("This computer is ready.")
        assert ".".join(map(str, sys.version_info[:3])) not in report, "would differ from computer to computer"

    def test_of_another_python(self, monkeypatch):
        monkeypatch.setattr(sys, "version_info", (3, 9, 1))
        assert "BAD   Python: this is 3.9.1" in environment.environment_report()
        assert environment.environment_report().endswith("Mend what is BAD before you go on.")

    def test_of_a_missing_and_of_an_old_package(self, monkeypatch):
        real = importlib.metadata.version

        def version(name):
            if name == "h5py":
                raise importlib.metadata.PackageNotFoundError
            return "0.1" if name == "numpy" else real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)
        one = found("Packages")
        assert one.state == environment.BAD
        assert "h5py is missing" in one.says
        assert "numpy is 0.1, needed is >=" in one.says
        assert "python lab.py setup" in one.says
        assert "pytest" not in one.says, "learners need no test tools"

    def test_of_a_full_disk(self, monkeypatch, tmp_path):
        asked = []
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: asked.append(folder) or SimpleNamespace(free=3e8))
        monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path / "not" / "there" / "yet"))
        one = found("Disk")
        assert (one.state, asked) == (environment.BAD, [tmp_path])
        assert "0.3 GB free" in one.says
        assert folders.DATA_VARIABLE in one.says

    @pytest.mark.parametrize(("size", "state"), [(2e9, "mind"), (3.8e9, "good"), (None, "mind")])
    def test_of_memory(self, monkeypatch, size, state):
        monkeypatch.setattr(environment, "memory_bytes", lambda: size)
        assert found("Memory").state == state

    def test_of_a_single_core(self, monkeypatch):
        monkeypatch.setattr(environment, "CORES_WANTED", 10_000)
        assert found("Processor").state == environment.MIND

    def test_of_sample_data(self, monkeypatch, tmp_path):
        few = made.Sample(range(1), "1 person", seconds=2.0)
        monkeypatch.setattr(made, "SAMPLES", {"lab_train": few, "lab_test": few})
        (tmp_path / "lab_test.h5").touch()
        one = found("Sample data")
        assert one.state == environment.MIND
        assert "lab_train" in one.says
        assert "lab_test" not in one.says
        (tmp_path / "lab_train.h5").touch()
        assert found("Sample data").state == environment.GOOD
        assert made.sample("lab_train") == tmp_path / "lab_train.h5", "the data is looked for where it is made"

    def test_data_that_is_there_needs_no_room(self, monkeypatch, tmp_path):
        monkeypatch.setattr(made, "SAMPLES", {"lab_train": None})
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1e9))
        assert found("Disk").state == environment.BAD
        (tmp_path / "lab_train.h5").touch()
        assert found("Disk").state == environment.GOOD


def test_memory_of_this_computer_can_be_read():
    assert 1e9 < environment.memory_bytes() < 1e14


@pytest.mark.skipif(not Path("/sys/fs/cgroup/memory.max").is_file(), reason="no container of this kind")
def test_memory_is_not_more_than_the_container_has():
    text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    if text.isdigit():
        assert environment.memory_bytes() <= int(text)
