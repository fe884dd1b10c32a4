"""The way in: what `python lab.py` decides, what it says when it cannot go on, and that it never costs anybody work."""

import ast
import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client import BlockingKernelClient

from rppg_lab import cli

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "lab.py"
posix = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals, or needs a shell")


def load_lab():
    spec = importlib.util.spec_from_file_location("lab", LAB)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """lab.py over a project of its own, in which running a program only writes down what would have been run."""
    module = load_lab()
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[project]", encoding="utf-8")
    (root / "constraints.txt").write_text("# tested\nnumpy==1.0\nNot_Here==2.0\n", encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(module, "NOTEBOOKS", root / "notebooks")
    monkeypatch.setattr(module, "WORK", root / "work")
    module.commands, module.answer = [], lambda words: 0

    def run(command, **options):
        words = [str(word) for word in command]
        module.commands.append(words)
        return module.answer(words)

    monkeypatch.setattr(module, "really_run", module.run, raising=False)
    monkeypatch.setattr(module, "run", run)
    return module


@pytest.fixture
def environment(lab, monkeypatch):
    """A `.venv` whose Python is the one that runs the tests."""
    prefix = lab.ROOT / ".venv"
    prefix.mkdir()
    monkeypatch.setattr(lab, "python_in", lambda prefix: Path(sys.executable) if prefix.is_dir() else None)
    monkeypatch.setattr(lab, "choose_environment", lambda *_: prefix)
    monkeypatch.setattr(lab, "torch_options", list)
    return prefix


def pip_runs(lab):
    return [words for words in lab.commands if words[1:4] == ["-m", "pip", "install"]]


def option(words, name):
    return words[words.index(name) + 1]


# ---------------------------------------------------------------- which Python


def test_an_old_python_reads_a_sentence_and_no_traceback():
    old = (
        "import runpy, sys; sys.version_info = (3, 8, 10, 'final', 0); runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", old, str(LAB)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("The course needs Python 3.11 to 3.13, this is 3.8: ")
    assert len(done.stderr.splitlines()) == 1


def test_an_old_python_can_parse_the_file_and_reaches_the_sentence():
    tree = ast.parse(LAB.read_text(encoding="utf-8"), feature_version=(3, 6))
    check = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    assert "python_sentence" in ast.unparse(tree.body[check])
    for node in ast.walk(ast.Module(tree.body[:check], [])):  # `Path | None` is an error when 3.9 defines the function
        assert getattr(node, "annotation", None) is None
        assert getattr(node, "returns", None) is None


@pytest.mark.parametrize(
    ("version", "found", "said"),
    [
        ((3, 10, 13), [], "install Python 3.12"),
        ((3, 14, 0), ["python3.13"], "run `python3.13 lab.py`"),
        ((3, 9, 1), ["py -3.12"], "run `py -3.12 lab.py`"),
    ],
)
def test_a_wrong_python_is_told_the_remedy(version, found, said):
    assert said in load_lab().python_sentence(version, found)


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_a_right_python_is_told_nothing(minor):
    assert load_lab().python_sentence((3, minor, 0, "final", 0), []) is None


def test_the_pythons_are_those_of_pyproject():
    lab = load_lab()
    newest = f"{lab.NEWEST[0]}.{lab.NEWEST[1] + 1}"
    assert f'requires-python = ">={lab.OLDEST[0]}.{lab.OLDEST[1]},<{newest}"' in (ROOT / "pyproject.toml").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(
    ("computer", "said"),
    [(("darwin", "x86_64", 64), "Intel Macs"), (("win32", "AMD64", 32), "64-bit")],
)
def test_a_computer_without_pytorch_is_told_so(lab, computer, said):
    with pytest.raises(lab.Stop, match=said):
        lab.check_computer(*computer)


@pytest.mark.parametrize("computer", [("darwin", "arm64", 64), ("linux", "x86_64", 64), ("win32", "AMD64", 64)])
def test_any_other_computer_goes_on(lab, computer):
    lab.check_computer(*computer)


# ---------------------------------------------------------------- which environment


def make_python(prefix):
    python = prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    return prefix


def test_an_active_environment_is_used_as_it_is(lab, tmp_path):
    mine, conda = make_python(tmp_path / "mine"), make_python(tmp_path / "conda")
    inactive = ("/usr", "/usr")
    assert lab.choose_environment({}, str(mine), "/usr") == mine
    assert lab.choose_environment({"VIRTUAL_ENV": str(mine)}, *inactive) == mine
    assert lab.choose_environment({"CONDA_PREFIX": str(conda), "CONDA_DEFAULT_ENV": "rppg-lab"}, *inactive) == conda


def test_otherwise_it_is_the_one_beside_the_file(lab, tmp_path):
    own, conda = lab.ROOT / ".venv", str(make_python(tmp_path / "conda"))
    inactive = ("/usr", "/usr")
    assert lab.choose_environment({}, *inactive) == own
    assert lab.choose_environment({"CONDA_PREFIX": conda, "CONDA_DEFAULT_ENV": "base"}, *inactive) == own
    assert lab.choose_environment({"VIRTUAL_ENV": str(tmp_path / "deleted since")}, *inactive) == own
    empty = tmp_path / "conda env without python"
    empty.mkdir()
    assert lab.choose_environment({"CONDA_PREFIX": str(empty), "CONDA_DEFAULT_ENV": "r"}, *inactive) == own


def test_a_missing_venv_module_is_told_before_anything_is_made(lab, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    with pytest.raises(lab.Stop, match="sudo apt install python3-venv"):
        lab.make_environment(lab.ROOT / ".venv")
    assert not lab.commands


@pytest.mark.parametrize(("gpu", "free", "enough"), [(False, 3.9, 0), (False, 4.1, 1), (True, 9.9, 0), (True, 10.1, 1)])
def test_a_full_disk_is_told_beforehand(lab, monkeypatch, gpu, free, enough):
    monkeypatch.setattr(lab, "has_nvidia_gpu", lambda: gpu)
    monkeypatch.setattr(lab.shutil, "disk_usage", lambda path: SimpleNamespace(free=free * 1e9))
    if enough:
        lab.make_environment(lab.ROOT / ".venv")
    else:
        with pytest.raises(lab.Stop, match=rf"needs \d+ GB and this disk has {free} free: make room"):
            lab.make_environment(lab.ROOT / ".venv")
    assert len(lab.commands) == enough


def test_an_environment_that_no_longer_starts_is_told_so(lab, tmp_path):
    prefix = make_python(tmp_path / "old")
    with pytest.raises(lab.Stop, match=r"no longer starts: delete that folder"):
        lab.check_environment(prefix)


@posix
def test_an_environment_with_an_old_python_is_told_so(lab, tmp_path):
    prefix = make_python(tmp_path / "old")
    (prefix / "bin/python").write_text("#!/bin/sh\necho 3 9 2\n", encoding="utf-8")
    (prefix / "bin/python").chmod(0o755)
    with pytest.raises(lab.Stop, match=r"this is 3\.9.*leave or delete the environment"):
        lab.check_environment(prefix)


# ---------------------------------------------------------------- what is installed


def test_pip_runs_again_only_when_what_is_asked_of_it_changed(lab, environment):
    lab.prepare()
    (first,) = pip_runs(lab)
    assert first[-2:] == ["-e", "."]
    assert option(first, "-c") == str(lab.ROOT / "constraints.txt")
    lab.prepare()
    assert len(pip_runs(lab)) == 1
    for name in ("constraints.txt", "pyproject.toml"):
        before = len(pip_runs(lab))
        (lab.ROOT / name).write_text("# changed", encoding="utf-8")
        lab.prepare()
        lab.prepare()
        assert len(pip_runs(lab)) == before + 1


def test_pip_runs_again_after_the_project_was_moved(lab, environment, monkeypatch, tmp_path):
    lab.prepare()
    shutil.copytree(lab.ROOT, tmp_path / "moved")
    monkeypatch.setattr(lab, "ROOT", tmp_path / "moved")
    lab.prepare()
    assert len(pip_runs(lab)) == 2


def test_the_test_extra_is_added_once_and_then_kept(lab, environment):
    lab.prepare()
    lab.prepare(test=True)
    lab.prepare(test=True)
    lab.prepare()
    assert [words[-1] for words in pip_runs(lab)] == [".", ".[test]"]
    (lab.ROOT / "constraints.txt").write_text("# newer", encoding="utf-8")
    lab.prepare()
    assert pip_runs(lab)[-1][-1] == ".[test]"


def test_a_failed_installation_is_tried_again(lab, environment):
    lab.answer = lambda words: int("install" in words)
    for _ in range(2):
        with pytest.raises(lab.Stop):
            lab.prepare()
    assert len(pip_runs(lab)) == 2


def test_in_a_reader_s_own_environment_what_is_there_stays(lab, environment, monkeypatch, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(lab, "choose_environment", lambda *_: own)
    lab.prepare()
    constraints = Path(option(pip_runs(lab)[0], "-c")).read_text(encoding="utf-8").split("\n")
    assert "Not_Here==2.0" in constraints
    assert "numpy==1.0" not in constraints  # it is installed here, in another version


def test_a_missing_pip_is_brought_in(lab, environment):
    lab.answer = lambda words: int("import pip" in words)
    lab.prepare()
    assert [words[1:3] for words in lab.commands][1] == ["-m", "ensurepip"]
    assert pip_runs(lab)


def test_without_pip_and_ensurepip_the_reader_is_told(lab, environment, monkeypatch, capsys):
    lab.answer = lambda words: 1
    assert lab.main(["setup"]) == 1
    assert "has no pip" in capsys.readouterr().err
    assert not pip_runs(lab)


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            "broken by 'NewConnectionError('<HTTPSConnection object>: [Errno -2] Name or service not known')'",
            "the network",
        ),
        ("broken by 'NameResolutionError(\"Failed to resolve 'pypi.org'\")': /simple/numpy/", "the network"),
        ("broken by 'ProxyError('Cannot connect to proxy.', OSError(111))'", "the network"),
        ("broken by 'ConnectTimeoutError(<HTTPSConnection object>, 'timed out')'", "the network"),
        ("broken by 'ReadTimeoutError(\"HTTPSConnectionPool: Read timed out.\")'", "the network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "make room"),
        ("ERROR: [WinError 112] There is not enough space on the disk", "make room"),
        ("ERROR: No matching distribution found for torch==2.13.0", "README"),
    ],
)
def test_a_failed_pip_is_one_plain_sentence(lab, environment, capsys, log, said):
    def pip_fails(words):
        if "install" in words:
            Path(option(words, "--log")).write_text(f"Collecting torch\n{log}\nfoo\n", encoding="utf-8")
            return 1
        return 0

    lab.answer = pip_fails
    assert lab.main(["setup"]) == 1
    sentence = capsys.readouterr().err.strip()
    assert said in sentence
    assert len(sentence.splitlines()) == 1
    assert not (environment / lab.STAMP).exists()


@pytest.mark.parametrize(
    ("system", "gpu", "reached", "options"),
    [
        ("linux", False, True, ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]),
        ("linux", False, False, []),
        ("linux", True, True, []),
        ("darwin", False, True, []),
        ("win32", False, True, []),
    ],
)
def test_linux_without_a_gpu_takes_the_cpu_build(lab, monkeypatch, system, gpu, reached, options):
    monkeypatch.setattr(lab.sys, "platform", system)
    monkeypatch.setattr(lab, "has_nvidia_gpu", lambda: gpu)
    monkeypatch.setattr(lab, "can_reach", lambda url: reached)
    assert lab.torch_options() == options


def test_an_index_that_does_not_answer_is_not_waited_for(lab):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        start = time.monotonic()
        assert not lab.can_reach(f"http://127.0.0.1:{deaf.getsockname()[1]}/", seconds=0.2)
    assert time.monotonic() - start < 2


# ---------------------------------------------------------------- the notebooks


def write(folder, **texts):
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


def read(folder):
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.ipynb")}


def test_new_and_untouched_notebooks_follow_the_course_and_edited_ones_stay(lab):
    write(lab.NOTEBOOKS, a="a1", b="b1")
    assert lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK) == []
    assert read(lab.WORK) == {"a": "a1", "b": "b1"}

    write(lab.WORK, b="my answer", mine="my own")
    assert lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK) == []  # nothing newer to speak of
    write(lab.NOTEBOOKS, a="a2", b="b2", c="c1")
    assert lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK) == ["b.ipynb"]
    assert read(lab.WORK) == {"a": "a2", "b": "my answer", "c": "c1", "mine": "my own"}
    assert lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK) == ["b.ipynb"]

    (lab.WORK / "b.ipynb").rename(lab.WORK / "b old.ipynb")
    assert lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK) == []
    assert read(lab.WORK) == {"a": "a2", "b": "b2", "b old": "my answer", "c": "c1", "mine": "my own"}


STEPS = st.lists(
    st.sampled_from(["publish", "edit", "undo", "delete", "lose the record", "damage the record"]), max_size=12
)


@settings(max_examples=40)
@given(steps=STEPS)
def test_no_edit_is_ever_lost(tmp_path_factory, steps):
    lab, folder = load_lab(), tmp_path_factory.mktemp("course")
    source, work = folder / "source", folder / "work"
    published, edited = "version 0", None
    write(source, a=published)
    lab.copy_notebooks(source, work)
    for number, step in enumerate(steps):
        if step == "publish":
            published = f"version {number}"
            write(source, a=published)
        elif step == "edit":
            edited = f"edit {number}"
            write(work, a=edited)
        elif step == "undo":  # back to what is published now
            edited = None
            write(work, a=published)
        elif step == "delete":
            edited = None
            (work / "a.ipynb").unlink()
        elif step == "lose the record":
            (work / lab.COPIED).unlink()
        else:
            (work / lab.COPIED).write_text('{"a.ipynb": ', encoding="utf-8")
        outdated = lab.copy_notebooks(source, work)
        if edited is not None:
            assert read(work) == {"a": edited}
        elif not outdated:
            assert read(work) == {"a": published}
        assert not list(work.glob("*.part"))


def test_a_newer_original_of_an_edited_notebook_is_told_in_one_line(lab, capsys):
    write(lab.NOTEBOOKS, a="a1")
    lab.setup_work()
    write(lab.NOTEBOOKS, a="a2")
    write(lab.WORK, a="my answer")
    capsys.readouterr()
    lab.setup_work()
    assert re.fullmatch(r"There is a newer a\.ipynb; your edited copy stays.*\n", capsys.readouterr().out)


def test_a_folder_that_cannot_be_written_is_told_so(lab, environment, monkeypatch, capsys):
    write(lab.NOTEBOOKS, a="a1")
    lab.prepare()

    def refuse(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lab.tempfile, "mkstemp", refuse)
    assert lab.main(["setup"]) == 1
    assert "cannot be written to: copy the project to a folder of your own" in capsys.readouterr().err


def test_a_disk_that_fills_up_leaves_the_old_notebook(lab, monkeypatch):
    write(lab.NOTEBOOKS, a="a1")
    lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK)
    write(lab.NOTEBOOKS, a="a2")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        lab.copy_notebooks(lab.NOTEBOOKS, lab.WORK)
    assert read(lab.WORK) == {"a": "a1"}
    assert not list(lab.WORK.glob("*.part"))


# ---------------------------------------------------------------- JupyterLab


def test_jupyterlab_opens_the_start_page_for_this_computer_alone(lab):
    write(lab.WORK, **{"11_learn": "", "00_start": ""})
    words = [str(word) for word in lab.jupyter_command(Path("python"), lab.start_page(lab.WORK), None, True)]
    assert "--LabApp.default_url=/lab/tree/00_start.ipynb" in words
    assert f"--ServerApp.root_dir={lab.WORK}" in words
    assert "--ServerApp.ip=127.0.0.1" in words
    assert "--no-browser" not in words
    assert not any("port" in word for word in words)


def test_a_given_port_is_used_and_no_other(lab):
    words = lab.jupyter_command(Path("python"), "/lab", 9000, False)
    assert {"--ServerApp.port=9000", "--ServerApp.port_retries=0", "--no-browser"} <= set(words)


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_only_when_it_is_root(lab, monkeypatch, user, allowed):
    monkeypatch.setattr(lab.os, "geteuid", lambda: user, raising=False)
    assert ("--allow-root" in lab.jupyter_command(Path("python"), "/lab", None, True)) is allowed


@pytest.mark.parametrize(
    ("system", "environ", "shown"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":10", "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, False),
        ("darwin", {}, True),
        ("darwin", {"SSH_TTY": "/dev/ttys001"}, False),
        ("win32", {}, True),
    ],
)
def test_a_browser_is_opened_only_where_the_reader_sees_it(lab, monkeypatch, system, environ, shown):
    monkeypatch.setattr(lab.sys, "platform", system)
    assert lab.can_show_a_browser(environ) is shown


def test_on_a_hub_nothing_is_started_and_the_reader_is_told_where_to_click(lab, environment, monkeypatch, capsys):
    write(lab.NOTEBOOKS, **{"00_start": ""})
    monkeypatch.setenv("JUPYTERHUB_USER", "somebody")
    assert lab.main([]) == 0
    assert str(lab.WORK / "00_start.ipynb") in capsys.readouterr().out
    assert not [words for words in lab.commands if "jupyterlab" in words]
    assert lab.commands[-1][1:4] == ["-m", "ipykernel", "install"]  # a notebook there finds this environment


def test_a_taken_port_is_told_before_jupyterlab_starts(lab, environment, monkeypatch, capsys):
    monkeypatch.setattr(lab, "on_a_hub", lambda environ: False)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert lab.main(["--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err
    assert not [words for words in lab.commands if "jupyterlab" in words]


def test_a_free_port_is_left_free(lab):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lab.check_port(port)
    lab.check_port(port)


# ---------------------------------------------------------------- the command line


def test_help_needs_no_environment_and_names_every_command():
    done = subprocess.run([sys.executable, str(LAB), "--help"], capture_output=True, text=True, check=True)
    program = re.findall(r"^    (\w+)  ", cli.make_parser().format_help(), re.MULTILINE)
    assert "data" in program
    for word in ("setup", "test", "--no-browser", "--port", *program):
        assert re.search(rf"(?<!\w){word}(?!\w)", done.stdout), word


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "66000"], ["--port", "x"], ["--nix"], ["setup", "now"]]
)
def test_a_wrong_option_is_told_before_anything_is_done(lab, arguments, capsys):
    with pytest.raises(SystemExit) as end:
        lab.main(arguments)
    assert end.value.code == 2
    assert "python lab.py: error:" in capsys.readouterr().err
    assert not lab.commands


def test_setup_prepares_everything_and_starts_nothing(lab, environment, capsys):
    write(lab.NOTEBOOKS, a="a1")
    assert lab.main(["setup"]) == 0
    assert lab.commands[-1][1:] == ["-m", "rppg_lab.cli", "data"]
    assert read(lab.WORK) == {"a": "a1"}
    assert "python lab.py" in capsys.readouterr().out


def test_anything_else_is_the_course_s_own_program(lab, environment):
    lab.answer = lambda words: 2 if "train" in words else 0
    assert lab.main(["train", "params.json", "--fresh"]) == 2
    assert lab.commands[-1][1:] == ["-m", "rppg_lab.cli", "train", "params.json", "--fresh"]


def test_failed_sample_data_stops_the_start(lab, environment, capsys):
    lab.answer = lambda words: int("data" in words)
    assert lab.main([]) == 1
    assert "sample data could not be made" in capsys.readouterr().err


def test_all_tests_run_even_if_the_style_fails_and_the_failure_counts(lab, environment):
    lab.answer = lambda words: int("check" in words)
    assert lab.main(["test", "-m", "not course"]) == 1
    ran = [words[2:4] for words in lab.commands[-3:]]
    assert ran == [["ruff", "check"], ["ruff", "format"], ["pytest", "-n"]]
    assert lab.commands[-1][-2:] == ["-m", "not course"]
    assert pip_runs(lab)[0][-1] == ".[test]"


def test_ctrl_c_anywhere_is_one_line(lab, environment, capsys):
    def interrupted(words):
        raise KeyboardInterrupt

    lab.answer = interrupted
    assert lab.main(["setup"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped. The same command goes on where it stopped."


def test_what_the_system_refuses_is_one_line(lab, environment, monkeypatch, capsys):
    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab, "prepare", lambda test: full())
    assert lab.main(["setup"]) == 1
    assert capsys.readouterr().err.strip().startswith("The computer refused ([Errno 28] No space left on device)")


@posix
def test_the_ci_script_runs_the_command_of_the_readme(tmp_path):
    shutil.copytree(ROOT / ".ci", tmp_path / "project" / ".ci")
    fake = tmp_path / "bin" / "python3.11"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "in $PWD:" "$@"\nexit 7\n', encoding="utf-8")
    fake.chmod(0o755)
    path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
    script = tmp_path / "project" / ".ci" / "run"
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.stdout == f"in {tmp_path / 'project'}: lab.py test\n"
    assert done.returncode == 7
    assert "\npython lab.py test " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "- run: python lab.py test\n" in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")


# ---------------------------------------------------------------- nothing stays behind

PARENT = """
import importlib.util, signal, sys
spec = importlib.util.spec_from_file_location("lab", sys.argv[1])
lab = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lab)
lab.PATIENCE = 0.3
deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
try:
    sys.exit(lab.run([sys.executable, "-c", deaf]))
except KeyboardInterrupt:
    sys.exit(130)
"""


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 256 - signal.SIGTERM)])
def test_a_signal_to_the_parent_alone_ends_even_a_program_that_ignores_ctrl_c(number, status):
    with subprocess.Popen([sys.executable, "-c", PARENT, str(LAB)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "ready\n"
        (child,) = psutil.Process(parent.pid).children()
        parent.send_signal(number)
        assert parent.wait(timeout=20) == status
        assert not child.is_running()


OPEN = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("lab", sys.argv[1])
lab = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lab)
lab.WORK = Path(sys.argv[2])
lab.on_a_hub = lambda environ: False
lab.install = lab.make_data = lambda *_: None
sys.exit(lab.main(["--no-browser"]))
"""


@posix
@pytest.mark.course
def test_one_ctrl_c_ends_jupyterlab_and_its_kernels(tmp_path):
    write(
        tmp_path / "work", **{"00_start": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})}
    )
    environ = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    command = [sys.executable, "-c", OPEN, str(LAB), str(tmp_path / "work")]
    ours, theirs = os.openpty()  # from a terminal, Jupyter would ask whether it should really stop
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": theirs}
    with subprocess.Popen(command, text=True, env=environ, start_new_session=True, **pipes) as parent:
        try:
            address = next(found for line in parent.stdout if (found := re.search(r"http://\S+", line)))[0]
            base, token = address.split("/lab/tree/00_start.ipynb?token=")  # the start page

            def ask(path, data=None):
                request = urllib.request.Request(base + path, data=data, headers={"Authorization": f"token {token}"})
                for _ in range(100):  # it says its address a moment before it listens
                    with (
                        contextlib.suppress(urllib.error.URLError),
                        urllib.request.urlopen(request, timeout=60) as answer,
                    ):
                        return answer.read()
                    time.sleep(0.1)
                raise AssertionError(f"{base + path} does not answer")

            assert b"JupyterLab" in ask("/lab/tree/00_start.ipynb")
            kernel = json.loads(ask("/api/kernels", data=b"{}"))["id"]
            client = BlockingKernelClient()
            client.load_connection_file(str(tmp_path / "runtime" / f"kernel-{kernel}.json"))
            client.start_channels()
            client.kernel_info(reply=True, timeout=60)
            client.execute("while True: pass")  # in the middle of a training, say
            family = psutil.Process(parent.pid).children(recursive=True)
            assert len(family) >= 2  # JupyterLab and the kernel

            os.killpg(parent.pid, signal.SIGINT)  # what a terminal does, once
            assert parent.wait(timeout=30) == 0
            said = parent.stdout.read()
            assert "The course is closed." in said
            assert "?" not in said  # once is enough
            _, alive = psutil.wait_procs(family, timeout=5)
            assert not alive
            client.stop_channels()
        finally:
            for process in psutil.Process(parent.pid).children(recursive=True) if parent.poll() is None else []:
                process.kill()
            parent.kill()
            os.close(ours)
            os.close(theirs)
