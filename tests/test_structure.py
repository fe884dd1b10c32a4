"""The shape of the project: who imports whom, what README and environment.yml promise, and nothing personal in it."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rppg_lab"

SERVE_ALL = ("folders", "processes", "seeding", "spectrum")
DOWNWARDS = (
    "physics", "synthesis", "video", "recordings", "datasets", "preparing", "clips", "methods", "models", "losses",
    "evaluation", "plots", "training", "inference", "reading", "camera", "experiment", "checks", "cli",
)  # fmt: skip
MAKE_DATA = DOWNWARDS[: DOWNWARDS.index("clips")]  # each worker process imports these
USE_TORCH = {"seeding", "clips", "models", "losses", "training", "inference", "experiment", "checks"}

TEXT = {".py", ".ipynb", ".md", ".txt", ".toml", ".yml", ".cff", ".json", ".csv", ".cfg"}
MADE_HERE = {"work", "data", "runs", "build", "dist", "rppg_lab.egg-info"}  # ignored by git


def imports(source):
    """(line, module) of everything imported, as the import names it, wherever in the file it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import hides where it points to"
            if node.module == "rppg_lab":
                yield from ((node.lineno, f"rppg_lab.{name.name}") for name in node.names)
            else:
                yield node.lineno, node.module


def is_out_of_order(module, imported, order=SERVE_ALL + DOWNWARDS):
    """Whether `rppg_lab.<module>` may not import this. Within one module that is a folder, order is its own affair."""
    parts = imported.split(".")
    if parts[0] != "rppg_lab" or len(parts) == 1 or parts[1] not in order:
        return False
    return order.index(parts[1]) > order.index(module)


def modules():
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE or path.name != "__init__.py"]
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in files]


def test_every_module_has_its_place_in_the_order():
    assert {module for module, _ in modules()} <= {*SERVE_ALL, *DOWNWARDS}
    said = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert re.findall(r"\w+", said.split("):")[1].split(".")[0]) == list(DOWNWARDS)


def test_a_pulse_travels_downwards():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {module} imports {imported}"
        for module, path in modules()
        for line, imported in imports(path.read_text(encoding="utf-8"))
        if is_out_of_order(module, imported)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from rppg_lab import clips, training", ["rppg_lab.training"]),
        ("import rppg_lab.training", ["rppg_lab.training"]),
        ("def f():\n    from rppg_lab.training import fit", ["rppg_lab.training"]),
        ("from rppg_lab import seeding, spectrum\nfrom rppg_lab.models.physnet import PhysNet\nimport numpy", []),
        ("from rppg_lab.losses import get_loss", []),
    ],
)
def test_the_order_is_read_from_every_form_of_import(source, found):
    assert [name for _, name in imports(source) if is_out_of_order("losses", name)] == found


def test_only_those_that_need_torch_import_it():
    found = {
        module
        for module, path in modules()
        for _, imported in imports(path.read_text(encoding="utf-8"))
        if imported.split(".")[0] == "torch"
    }
    assert found <= USE_TORCH


def test_making_data_starts_without_torch():
    paths = [path.relative_to(ROOT).with_suffix("") for module, path in modules() if module in MAKE_DATA]
    names = [".".join(path.parts) for path in paths]
    assert "rppg_lab.datasets.made" in names
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    subprocess.run([sys.executable, "-c", code + "assert 'torch' not in sys.modules", *names], check=True)


def text_files():
    for top in sorted(ROOT.iterdir()):
        if top.name in (".ci", ".github") or not (top.name.startswith(".") or top.name in MADE_HERE):
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if path.is_file() and (path.suffix in TEXT or top.name == ".ci"):
                    yield path


def personal(text):
    """Folders of one person or one machine, but not of those who are made up for an example."""
    folders = re.findall(r"/home/[a-z]\w*|/Users/\w+|/root\b|/work/[a-z]+/|[A-Za-z]:\\+Users\\+\w+", text)
    return [folder for folder in folders if not re.search(r"\b(ana|x|somebody)$", folder)]


def test_no_file_names_a_folder_of_somebody_s_machine():
    files = [path for path in text_files() if path != Path(__file__)]
    found = {str(path.relative_to(ROOT)): personal(path.read_text(encoding="utf-8")) for path in files}
    assert {"README.md", "lab.py", "tests/test_lab.py", ".ci/run"} <= {Path(name).as_posix() for name in found}
    assert not {name: places for name, places in found.items() if places}


@pytest.mark.parametrize("text", ['"/home/ada/rppg"', "/Users/Ada/x", "cd /root/x", r"C:\\Users\\Ada", r"c:\Users\Ada"])
def test_a_personal_folder_is_found(text):
    assert personal(text)


# ---------------------------------------------------------------- what the other files promise


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0]


def test_environment_yml_brings_what_pyproject_lists():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    comment = [line.removeprefix("#   ").split() for line in lines if line.startswith("#   ")]
    project = pyproject()
    assert comment == [
        sorted(map(name_of, project["dependencies"])),
        sorted(map(name_of, project["optional-dependencies"]["test"])),
    ]
    given = [line.strip() for line in lines if line.strip().startswith("- ")]
    python = f"- python {project['requires-python']}"
    assert given == ["- conda-forge", python, "- pip", "- pip:", "- -c constraints.txt", "- -e .[test]"]


def test_every_dependency_has_a_tested_version_that_satisfies_it():
    from packaging.requirements import Requirement

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {}
    for line in lines:
        if line and not line.startswith("#"):
            pin = Requirement(line)
            (version,) = pin.specifier
            assert version.operator == "==", line
            assert "+" not in version.version, f"{line}: a build for one kind of computer alone"
            pins[pin.name.lower()] = version.version
    project = pyproject()
    for text in project["dependencies"] + project["optional-dependencies"]["test"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[requirement.name.lower()]), text


def test_the_readme_lists_the_lessons_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d\d)\]\((\S+)\) \| (.+?) \|", readme, re.MULTILINE)
    lessons = []
    for path in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py")):
        title = re.search(rf"^# # {path.stem[:2]}\. (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert title, f"{path.name} has no title `# {path.stem[:2]}. …`"
        lessons.append((path.stem[:2], f"notebooks/{path.stem}.ipynb", title[1]))
    assert rows == lessons


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith("https://") and not (ROOT / link).exists()] == []
