"""The lecture's own data file and params file, unchanged, through `rppg-lab train`."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from rppg_lab.recordings import Recording, write_lecture_layout

PARAMS = {
    "data_path": "PhysNet_UBFC_train_9.hdf5",
    "train_ratio": 0.7,
    "validation_ratio": 0.1,
    "batch_size": 100,
    "train_shuffle": 1,
    "test_shuffle": 0,
    "loss_fn": "neg_pearson",
    "optimizer": "adam",
    "learning_rate": 0.0001,
    "epochs": 31,
    "model": "physnet",
}
MOST_MEMORY = 4e9  # bytes; 100 of these clips at once would take 27 GB
PATIENCE = 300.0  # s


def nine_people():
    """11 s of each, 32-frame clips of 128 × 128 in the end, as in the lecture's file."""
    for person in range(9):
        time_of = np.arange(330) / 30.0
        wave = np.sin(2 * np.pi * (1 + 0.1 * person) * time_of)
        frames = np.random.default_rng(person).integers(60, 180, (1, 128, 128, 3)).repeat(330, axis=0)
        frames = (frames + 4 * wave[:, None, None, None]).astype(np.uint8)
        yield Recording(f"subject{person + 1}", 30.0, time_of, wave.astype(np.float32), frames)


@pytest.mark.course
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process alone on Windows")
def test_the_lectures_own_file_and_params_train_unchanged(tmp_path):
    """31 epochs at the published size would take a laptop many hours: watched learning, then stopped, it can go on."""
    write_lecture_layout(tmp_path / PARAMS["data_path"], nine_people(), clip_length=32, size=128)
    params = tmp_path / "test_param.json"
    params.write_text(json.dumps(PARAMS), encoding="utf-8")
    command = [sys.executable, "-c", "import sys; from rppg_lab import cli; sys.exit(cli.main())", "train", str(params)]
    where = {**os.environ, "RPPG_LAB_RUNS": str(tmp_path / "runs"), "PYTHONUNBUFFERED": "1"}
    with open(tmp_path / "said.txt", "w+", encoding="utf-8") as said:
        training = subprocess.Popen(command, env=where, stdout=said, stderr=said)
        try:
            memory = psutil.Process(training.pid)
            most, until, text = 0, time.monotonic() + PATIENCE, ""
            while "loss=" not in text:
                assert training.poll() is None, text
                assert time.monotonic() < until, f"no batch in {PATIENCE:g} s: {text}"
                most = max(most, memory.memory_info().rss)
                time.sleep(0.2)
                text = (tmp_path / "said.txt").read_text(encoding="utf-8")
            training.send_signal(signal.SIGINT)
            assert training.wait(PATIENCE) == 130
        finally:
            training.kill()
            (tmp_path / PARAMS["data_path"]).unlink()  # over a gigabyte
    text = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "epoch 1/31" in text
    assert "The same command goes on where it stopped" in text
    assert most < MOST_MEMORY
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "last.pt").exists()
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    assert (settings["width"], settings["size"], settings["clip_length"]) == (64, 128, 32)
    assert 100 % settings["micro_batch"] == 0
