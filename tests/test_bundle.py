"""`python lab.py bundle`: what is packed, that it installs without internet, and what is said where it cannot.

A project of a few lines takes the course's place, with packages made here, so that pip really runs, and no network.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
HERE = f"3.{sys.version_info[1]}"

BACKEND = """
import os, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "rppg_lab-0.1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("rppg_lab.pth", os.getcwd() + "\\n")
        info = "Metadata-Version: 2.1\\nName: rppg-lab\\nVersion: 0.1\\nRequires-Dist: alpha\\nRequires-Dist: soup\\n"
        wheel.writestr("rppg_lab-0.1.dist-info/METADATA", info)
        tag = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr("rppg_lab-0.1.dist-info/WHEEL", tag)
        wheel.writestr("rppg_lab-0.1.dist-info/RECORD", "")
    return name
"""
PROGRAM = ("lab.py", "lab_bundle.py")
PROJECT = {
    "pyproject.toml": """
[build-system]
requires = ["tinybuild"]
build-backend = "tinybuild"
[project]
name = "rppg-lab"
version = "0.1"
dependencies = ["alpha", "soup"]
[project.optional-dependencies]
test = ["tester"]
""",
    "constraints.txt": "alpha==1.0\nsoup==2.0; python_full_version >= '3.11.5'\n",
    ".gitignore": ".venv/\nwork/\ndata/\n__pycache__/\n*.egg-info/\n",
    "notebooks/00_start.ipynb": "{}",
    "rppg_lab/__init__.py": "",
    "rppg_lab/datasets/__init__.py": "",
    "rppg_lab/datasets/made.py": """
from pathlib import Path
SAMPLES = {"lab_train": 1, "lab_test": 2}
def sample(name):
    path = Path(__file__).parents[2] / "data" / f"{name}.h5"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text(f"made in {path}")
    return path
""",
    "rppg_lab/cli.py": "from rppg_lab.datasets import made; print(*map(made.sample, made.SAMPLES))",
}
# name, version, tag: what it needs, and which Python
PACKAGES = {
    ("tinybuild", "1.0", "py3-none-any"): (),
    ("tester", "1.0", "py3-none-any"): (),
    ("alpha", "1.0", "py3-none-any"): (
        "Requires-Dist: beta",
        "Requires-Dist: winter; os_name == 'nt'",
        "Requires-Dist: apple; platform_system == 'Darwin' and platform_machine == 'arm64'",
        "Requires-Dist: older; python_version < '3.12'",
    ),
    ("alpha", "2.0", "py3-none-any"): (),  # newer than the constraint
    ("beta", "1.0", "cp311-cp311-manylinux_2_28_x86_64"): (),
    ("beta", "1.0", "cp311-cp311-manylinux2014_aarch64"): (),
    ("beta", "1.0", "cp312-cp312-macosx_11_0_arm64"): (),
    ("beta", "1.0", "cp37-abi3-win_amd64"): (),
    ("winter", "1.0", "py3-none-any"): (),
    ("apple", "1.0", "py3-none-any"): (),
    ("older", "1.0", "py3-none-any"): (),
    ("soup", "1.0", "py3-none-any"): ("Requires-Python: >=3.8",),
    ("soup", "2.0", "py3-none-any"): ("Requires-Python: >=3.11.5",),
}


def write_wheel(folder, name, version, tag, metadata=()):
    path, info = folder / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", BACKEND if name == "tinybuild" else f"version = '{version}'")
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata]
        wheel.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The only place where pip can find anything: it has a `beta` for some computers, as wheels of C code are."""
    folder = tmp_path / "index"
    folder.mkdir()
    for (name, version, tag), metadata in PACKAGES.items():
        write_wheel(folder, name, version, tag, metadata)
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    for name, value in {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens there
    return folder


def load(project):
    """Its lab.py, and as `packing` its lab_bundle.py, which imports that lab.py as it does when it is run."""
    modules = []
    for name in ("lab", "lab_bundle"):
        spec = importlib.util.spec_from_file_location(name, project / f"{name}.py")
        modules.append(importlib.util.module_from_spec(spec))
        sys.modules[name] = modules[-1]
        spec.loader.exec_module(modules[-1])
    modules[0].packing = modules[1]
    return modules[0]


@pytest.fixture(autouse=True)
def leave_no_modules(monkeypatch):
    """What `load` puts into sys.modules is gone after the test."""
    for name in ("lab", "lab_bundle"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture(autouse=True)
def install_nothing_here(monkeypatch):
    """An environment that is active is used: the one that runs the tests must not be, even where the tests fail."""
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "a project"
    for name, text in PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for name in PROGRAM:
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture
def lab(project, index, monkeypatch):
    """lab.py of that project, with an environment at hand: the one that runs the tests."""
    module = load(project)
    monkeypatch.setattr(module, "prepare", lambda: Path(sys.executable))
    monkeypatch.setattr(module, "cpu_options", list)
    return module


@pytest.fixture
def without_pip(lab, monkeypatch):
    """For what does not depend on the wheels: pip takes a second each time."""
    monkeypatch.setattr(lab, "run_pip", lambda *_: None)


def bundle(lab, folder, *words):
    """The exit status of `lab.py bundle FOLDER WORDS`, and the names of the wheels in it."""
    sys.modules["lab_bundle"] = lab.packing
    status = lab.main(["bundle", str(folder), *words])
    return status, {path.name for path in (folder / "wheels").glob("*")}


def sentence(capfd):
    """The last line of what went to stderr, which is all that lab.py itself says there."""
    said = capfd.readouterr().err.strip().splitlines()
    return said[-1]


LINUX = ("--for", "linux-x86_64", "--python", "3.11")
FOR_ALL = {
    "tinybuild-1.0-py3-none-any.whl",  # or the project could not be built without a network
    "tester-1.0-py3-none-any.whl",
    "alpha-1.0-py3-none-any.whl",
    "soup-2.0-py3-none-any.whl",
}
FOR_311 = {"older-1.0-py3-none-any.whl", "soup-1.0-py3-none-any.whl"}  # 3.11.4 has no other soup


# ---------------------------------------------------------------- from one computer to another


@pytest.fixture
def python():
    """A Python outside of any environment: lab.py would install into the one that runs the tests."""
    name = "python.exe" if os.name == "nt" else f"bin/python{HERE}"
    outside = Path(sys.base_prefix) / name
    active = "import sys; sys.exit(sys.prefix != sys.base_prefix)"
    if not outside.exists() or subprocess.call([outside, "-c", active]) != 0:
        pytest.skip(f"{outside} is no Python outside of an environment")
    return outside


def test_a_bundle_installs_where_there_is_no_index_and_its_data_are_not_made_again(project, index, python, tmp_path):
    write_wheel(index, "beta", "1.0", "py3-none-any")  # this computer may be any
    stick = tmp_path / "stick" / "course"
    command = [python, "lab.py", "bundle", "../stick/course"]
    packed = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert packed.returncode == 0, packed.stdout + packed.stderr

    there = tmp_path / "another computer" / "course"
    shutil.copytree(stick, there)
    for folder in (project, index, stick):
        shutil.rmtree(folder)
    nowhere = {**os.environ, "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    nowhere.pop("PIP_FIND_LINKS")
    options = {"cwd": there, "capture_output": True, "text": True, "env": nowhere}
    done = subprocess.run([python, "lab.py", "setup"], **options)
    assert done.returncode == 0, done.stdout + done.stderr

    ask = "import alpha, beta, rppg_lab; print(alpha.version, rppg_lab.__file__)"
    answer = subprocess.run([load(there).python_in(there / ".venv"), "-c", ask], check=True, **options).stdout
    assert answer.strip() == f"1.0 {there / 'rppg_lab' / '__init__.py'}"
    made = (there / "data" / "lab_train.h5").read_text(encoding="utf-8")
    assert made == f"made in {project / 'data' / 'lab_train.h5'}"
    assert (there / "work" / "00_start.ipynb").exists()

    lab = load(there)  # and what is said if there is no wheel that fits
    (there / "wheels" / "tinybuild-1.0-py3-none-any.whl").unlink()
    wheels = json.loads((there / "bundle.json").read_text(encoding="utf-8"))["wheels"]
    rewrite(lab, wheels={name: digest for name, digest in wheels.items() if "tinybuild" not in name})
    (there / ".venv" / lab.STAMP).unlink()
    done = subprocess.run([python, "lab.py", "setup"], **options)
    assert done.returncode == 1
    told = done.stderr.strip().splitlines()[-1]
    assert told.startswith("The bundle has no tinybuild that fits this computer: make one that does")


# ---------------------------------------------------------------- what is packed


@pytest.mark.parametrize(
    ("system", "python", "own"),
    [
        ("linux-x86_64", "3.11", {"beta-1.0-cp311-cp311-manylinux_2_28_x86_64.whl", *FOR_311}),
        ("linux-aarch64", "3.11", {"beta-1.0-cp311-cp311-manylinux2014_aarch64.whl", *FOR_311}),
        ("macos-arm64", "3.12", {"beta-1.0-cp312-cp312-macosx_11_0_arm64.whl", "apple-1.0-py3-none-any.whl"}),
        ("windows-amd64", "3.13", {"beta-1.0-cp37-abi3-win_amd64.whl", "winter-1.0-py3-none-any.whl"}),
    ],
)
def test_each_computer_gets_what_it_needs_itself(lab, tmp_path, system, python, own):
    status, wheels = bundle(lab, tmp_path / "out", "--no-data", "--for", system, "--python", python)
    assert status == 0
    assert wheels == FOR_ALL | own
    written = json.loads((tmp_path / "out" / "bundle.json").read_text(encoding="utf-8"))
    assert (written["systems"], written["pythons"], set(written["wheels"])) == ([system], [python], wheels)


def test_one_bundle_serves_several(lab, tmp_path):
    words = ("--for", "linux-x86_64", "--for", "windows-amd64", "--python", "3.11")
    status, wheels = bundle(lab, tmp_path / "out", "--no-data", *words)
    assert status == 0
    assert {"beta-1.0-cp311-cp311-manylinux_2_28_x86_64.whl", "beta-1.0-cp37-abi3-win_amd64.whl"} < wheels


def test_torch_is_the_cpu_build_for_linux_wherever_the_bundle_is_made(lab, tmp_path, monkeypatch):
    found = []

    def download(command, words, *_):
        found.append(("--extra-index-url" in words, json.loads(command[3])["sys_platform"]))

    monkeypatch.setattr(lab, "cpu_options", lambda: ["--extra-index-url", lab.TORCH_CPU])
    monkeypatch.setattr(lab, "run_pip", download)
    monkeypatch.setattr(lab.sys, "platform", "darwin")
    (tmp_path / "out").mkdir()
    lab.packing.download_wheels(Path(sys.executable), tmp_path / "out", ["linux-x86_64", "windows-amd64"], ["3.12"])
    assert set(found) == {(True, "linux"), (False, "win32")}


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_only_the_project_and_its_own_data_leave_the_computer(lab, without_pip, project, tmp_path):
    private = ["my face.mp4", "work/00_start.ipynb", "data/ward 7.h5"]
    for name in private:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("private", encoding="utf-8")
    git = ["git", "-C", project]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", *PROJECT, *PROGRAM], check=True)
    status, _ = bundle(lab, tmp_path / "out", *LINUX)
    assert status == 0
    packed = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    ours = {*PROJECT, *PROGRAM, "bundle.json", "data/lab_train.h5", "data/lab_test.h5"}
    assert {name for name in packed if not name.startswith("wheels/")} == ours


def test_without_git_what_is_made_on_the_computer_stays_behind(lab, project, capsys):
    for name in ("work/mine.ipynb", "data/lab_train.h5", ".venv/x", "rppg_lab/__pycache__/x.pyc", "a.egg-info/y"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("", encoding="utf-8")
    assert {path.as_posix() for path in lab.packing.project_files()} == {*PROJECT, *PROGRAM}
    assert f"what in {project} is yours: take it out" in capsys.readouterr().out


def test_data_are_left_out_when_asked(lab, without_pip, tmp_path):
    assert bundle(lab, tmp_path / "out", "--no-data", *LINUX)[0] == 0
    assert not (tmp_path / "out" / "data").exists()


def test_without_data_there_is_no_bundle_that_claims_to_have_them(lab, without_pip, project, tmp_path, capfd):
    (project / "rppg_lab/datasets/made.py").write_text("raise SystemExit(1)", encoding="utf-8")
    assert bundle(lab, tmp_path / "out", *LINUX)[0] == 1
    assert sentence(capfd).startswith("The sample data could not be made")
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- interrupted


def test_what_was_interrupted_is_not_used_and_goes_on(lab, index, tmp_path, capfd):
    out, missing = tmp_path / "out", index / "older-1.0-py3-none-any.whl"
    missing.rename(tmp_path / missing.name)
    assert bundle(lab, out, *LINUX)[0] == 1
    assert sentence(capfd) == "There is no older for linux-x86_64 with Python 3.11: leave that one out."

    half_made = load(out)
    assert half_made.main(["setup"]) == 1
    assert "This bundle is unfinished or damaged" in sentence(capfd)
    assert not (out / ".venv").exists()

    (tmp_path / missing.name).rename(missing)
    whole = (index / "alpha-1.0-py3-none-any.whl").read_bytes()
    (out / "wheels" / "alpha-1.0-py3-none-any.whl").write_bytes(whole[: len(whole) // 2])
    (out / "data" / "lab_train.h5").write_bytes(b"")
    assert bundle(lab, out, *LINUX)[0] == 0
    assert (out / "wheels" / "alpha-1.0-py3-none-any.whl").read_bytes() == whole
    assert (out / "data" / "lab_train.h5").read_bytes() == (lab.ROOT / "data" / "lab_train.h5").read_bytes()
    assert not list(out.rglob("*.part"))


def test_a_copy_that_is_cut_off_leaves_no_half_file(lab, tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("new", encoding="utf-8")
    target.write_text("old", encoding="utf-8")

    def cut_off(source, part):
        Path(part).write_text("n", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab.shutil, "copy2", cut_off)
    with pytest.raises(OSError, match="No space"):
        lab.packing.copy_file(source, target)
    assert target.read_text(encoding="utf-8") == "old"


# ---------------------------------------------------------------- where it cannot be used


@pytest.fixture
def carried(lab, project, monkeypatch):
    """A bundle for this computer, with its lab.py; it never gets as far as making an environment."""
    system = lab.this_system() or pytest.skip("no bundle is made for such a computer")
    (project / "wheels").mkdir()
    wheel = write_wheel(project / "wheels", "alpha", "1.0", "py3-none-any")
    written = {"systems": [system], "pythons": [HERE], "wheels": {wheel.name: lab.file_digest(wheel)}}
    (project / "bundle.json").write_text(json.dumps(written), encoding="utf-8")
    module = load(project)
    monkeypatch.setattr(module, "make_environment", lambda prefix: pytest.fail("an environment is made too early"))
    monkeypatch.setattr(module, "choose_environment", lambda *_: project / ".venv")
    return module


def rewrite(lab, **changes):
    path = lab.ROOT / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"systems": ["sun-sparc"]}, rf"made for sun-sparc with Python {HERE}, and this is \S+ with Python {HERE}: "),
        ({"pythons": ["3.9", "3.10"]}, rf"with Python 3\.9 or 3\.10, and this is \S+ with Python {HERE}: "),
    ],
)
def test_another_computer_is_told_before_anything_is_made(carried, capfd, changes, said):
    rewrite(carried, **changes)
    assert carried.main([]) == 1
    told = sentence(capfd)
    assert re.search(said, told)
    assert "delete bundle.json to install from the internet" in told


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_wheel_lost_on_the_way_is_named_before_pip_starts(carried, monkeypatch, capfd, harm):
    monkeypatch.setattr(carried, "make_environment", lambda prefix: prefix.mkdir())
    python_in = {False: None, True: Path(sys.executable)}
    monkeypatch.setattr(carried, "python_in", lambda prefix: python_in[prefix.is_dir()])
    monkeypatch.setattr(carried, "run_pip", lambda *_: pytest.fail("pip runs"))
    (wheel,) = (carried.ROOT / "wheels").iterdir()
    if harm == "missing":
        wheel.unlink()
    else:
        wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    assert carried.main(["setup"]) == 1
    assert f"{wheel} is missing or damaged: copy the folder of the bundle again" in sentence(capfd)


# ---------------------------------------------------------------- where it cannot be made


def test_a_folder_with_something_else_in_it_is_left_alone(lab, tmp_path, capfd):
    other = tmp_path / "photos"
    other.mkdir()
    (other / "a.jpg").write_text("", encoding="utf-8")
    assert bundle(lab, other)[0] == 1
    assert "is not empty: choose a new folder" in sentence(capfd)
    assert [path.name for path in other.iterdir()] == ["a.jpg"]
    assert lab.main(["bundle", str(other / "a.jpg")]) == 1
    assert "is a file" in sentence(capfd)


def test_what_is_wrong_is_one_sentence_when_it_is_run_as_a_program(project, index, python):
    done = subprocess.run([python, "lab.py", "bundle", "."], cwd=project, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip() == f"{project} is inside the project: choose a folder outside of it."


def test_the_project_is_no_place_for_its_bundle(lab, project, capfd):
    for folder in (project, project / "out"):
        assert lab.main(["bundle", str(folder)]) == 1
        assert "is inside the project" in sentence(capfd)


def test_a_bundle_for_others_is_not_mixed_with_this_one(lab, without_pip, tmp_path, capfd):
    out = tmp_path / "out"
    assert bundle(lab, out, "--no-data", *LINUX)[0] == 0
    before = (out / "bundle.json").read_bytes()
    for other in (("--for", "windows-amd64", "--python", "3.11"), ("--for", "linux-x86_64", "--python", "3.12")):
        assert bundle(lab, out, "--no-data", *other)[0] == 1
        assert "holds a bundle of another course, system or Python: delete it" in sentence(capfd)
    (lab.ROOT / "constraints.txt").write_text("alpha==2.0\n", encoding="utf-8")
    assert bundle(lab, out, "--no-data", *LINUX)[0] == 1
    assert (out / "bundle.json").read_bytes() == before


def test_a_bundle_is_copied_and_not_bundled(carried, tmp_path, capfd):
    assert carried.main(["bundle", str(tmp_path / "out")]) == 1
    assert "is a bundle itself: copy it as it is" in sentence(capfd)


def test_a_full_disk_is_told_beforehand(lab, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(lab.shutil, "disk_usage", lambda path: SimpleNamespace(free=0.4e9))
    assert lab.main(["bundle", str(tmp_path / "out"), *LINUX]) == 1
    assert re.search(r"The bundle needs \d\.\d GB and .* has 0\.4 free: make room", sentence(capfd))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["--for", "amiga"], ["--python", "3.9"], ["a", "b"]])
def test_a_wrong_option_is_told_before_anything_is_done(lab, monkeypatch, words, capsys):
    monkeypatch.setattr(lab.packing, "make_bundle", lambda *_: pytest.fail("a bundle is made"))
    with pytest.raises(SystemExit) as end:
        lab.main(["bundle", *words])
    assert end.value.code == 2
    assert "python lab.py bundle: error:" in capsys.readouterr().err


def test_the_default_is_this_computer_and_its_python(lab, monkeypatch):
    asked = []
    monkeypatch.setattr(lab.packing, "make_bundle", lambda *words: asked.append(words))
    monkeypatch.setattr(lab, "this_system", lambda: "macos-arm64")
    assert lab.main(["bundle"]) == 0
    assert asked == [(lab.ROOT.parent / "rppg-lab-bundle", ["macos-arm64"], [HERE], True)]


def test_the_help_names_the_command_and_every_system(monkeypatch, capsys):
    lab = load(ROOT)
    monkeypatch.setattr(lab, "prepare", lambda: pytest.fail("an environment is made for a help text"))
    with pytest.raises(SystemExit):
        lab.main(["--help"])
    assert "\n  bundle " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        lab.main(["bundle", "--help"])
    said = re.sub(r"\s", "", capsys.readouterr().out)  # a long word may be broken at its hyphen
    assert all(name in said for name in (*lab.SYSTEMS, "3.11", "3.12", "3.13", "--no-data"))
