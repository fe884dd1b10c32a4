import os

from rppg_lab import processes


def test_a_shared_server_is_not_taken_whole_and_one_core_is_enough(monkeypatch):
    for cores, count in ((1, 1), (3, 3), (64, processes.MOST_AT_ONCE)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        assert processes.default_count() == count
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)  # where it cannot be known
    assert processes.default_count() == 1
