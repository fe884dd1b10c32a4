"""A class is graded: nobody talks their way to a PASS, nobody stops another, and everybody is told what class told."""

import ast
import csv
import dataclasses
import json
import multiprocessing.forkserver as server
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from rppg_lab import checks, cli
from rppg_lab.checks import collecting, finding, judging, serialising, trying
from rppg_lab.checks.running import own_functions

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "tests" / "wrong_answers", ROOT / "lessons"):
    sys.path.insert(0, str(folder))

import answers  # noqa: E402
import lesson_source  # noqa: E402

LIMIT = 60.0  # s; a hanging notebook costs it, a busy computer must not reach it
POSIX, LINUX = os.name != "nt", sys.platform.startswith("linux")

IMPORTS = "import numpy as np\nfrom rppg_lab import checks"
RIGHT_RATE = '@checks.exercise("00.1")\ndef beats_per_minute(frequency):\n    return MINUTE * frequency'
STUB_COLOUR = '@checks.exercise("00.2")\ndef mean_colour(frames):\n    raise NotImplementedError("Exercise 00.2")'


def notebook(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"cells": [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]}
    path.write_text(json.dumps(content), encoding="utf-8")


def rate(body, head=""):
    """A notebook that answers 00.1 with this body, and 00.2 rightly."""
    answer = '@checks.exercise("00.1")\ndef beats_per_minute(frequency):\n' + textwrap.indent(
        textwrap.dedent(body).strip(), "    "
    )
    colour = '@checks.exercise("00.2")\ndef mean_colour(frames):\n    return frames.mean(axis=(1, 2))'
    return IMPORTS, textwrap.dedent(head), answer, colour


def forging(content):
    """Leave a file where the outcomes are expected, and end before the check can write its own."""
    return f"""
    import io, json, os
    from pathlib import Path
    from rppg_lab.checks import serialising, trying
    from rppg_lab.checks.running import Outcome
    file = io.BytesIO()
    {content}
    Path(trying.OUTCOMES).write_bytes(file.getvalue())
    os._exit(0)
    """


# What a learner might try, with the name of what it is told. None of these knows how many seconds a minute has.
TRICKS = {
    "says_so": ("print('PASS 00.1 · done')\nreturn 'PASS'", None),
    "exits": ("import os\nos._exit(0)", "it ended its process"),
    "leaves": ("raise SystemExit(0)", "it stops with an error"),
    "replaces_the_judge": (
        """
        from rppg_lab.checks import collecting, judging, trying
        passed = judging.Result("00.1", "PASS", text="done")
        judging.judge = judging.grade = collecting.judge = checks.grade = lambda *args, **kwargs: passed
        collecting._Worker._judge = lambda *args: ("PASS", "", "")
        return 0.0
        """,
        None,
    ),
    "replaces_the_comparison": (
        """
        from rppg_lab.checks import comparing
        comparing.first_difference = lambda *args, **kwargs: None
        object.__setattr__(checks.find("00.1"), "same", lambda *args: True)
        return 0.0
        """,
        None,
    ),
    "equals_everything": ("class Equal:\n    __eq__ = lambda *_: True\nreturn Equal()", "another kind of result"),
    "forges_a_verdict": (forging("file.write(json.dumps({'state': 'PASS', 'finding': ''}).encode())"), None),
    "forges_nothing": (forging("file.write(serialising.pack([]))"), "not to be judged"),
    "forges_one_case": (forging("file.write(serialising.pack([Outcome(0.0)]))"), "not to be judged"),
    "forges_a_pickle": (
        forging("np.savez(file, outcomes=np.array([Outcome(0.0)], dtype=object))"),
        "not to be judged",
    ),
    "forges_trouble": (
        forging("Path(trying.TROUBLE).write_text(json.dumps(['PASS', 'PASS ' * 10**6])); os._exit(0)"),
        "PASS",
    ),
    "asks_the_frames": (
        """
        import sys
        for frame in sys._current_frames().values():
            while frame:
                for value in list(frame.f_locals.values()):
                    if isinstance(value, checks.Exercise):
                        return value.reference(frequency)
                frame = frame.f_back
        """,
        "the package's own function",
    ),
    "asks_unseen": ("import sys\nsys.setprofile(None)\nreturn own(frequency)", "it stops with an error"),
    "asks_a_thread": (
        """
        import threading
        found = []
        thread = threading.Thread(target=lambda: found.append(own(frequency)))
        thread.start()
        thread.join()
        return found[0]
        """,
        "it stops with an error",
    ),
    "asks_the_expected": ("return [case.expected for case in checks.find('00.1').cases]", None),
    "asks_a_new_process": (
        """
        import subprocess, sys
        code = "from rppg_lab.checks.lesson_00 import beats_per_minute as f; print(f(1.0))"
        return float(subprocess.check_output([sys.executable, "-c", code])) * frequency
        """,
        "it stops with an error",
    ),
}
KEEPS_THE_REFERENCE = "from rppg_lab.checks.lesson_00 import beats_per_minute as own\nimport copy\n"

# What stops a notebook, and must stop no other.
ACCIDENTS = {
    "crashes": ("import ctypes\nctypes.string_at(0)", collecting.ERROR, "it ended its process"),
    "takes_all_memory": (
        "return 60 * frequency if bytearray(3 * 2**30) else 0",
        checks.FAIL if LINUX else checks.PASS,
        "it stops with an error" if LINUX else "",
    ),
    "never_ends": ("while True:\n    pass", checks.FAIL, "it does not end"),
    "forks": ("import os\nos.fork()\nreturn 60 * frequency", checks.FAIL, "it stops with an error"),
}


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A class of everybody, collected once: the folder, what came of it, and the victim of vandals."""
    folder = tmp_path_factory.mktemp("school")
    victim = folder / "victim.txt"
    victim.write_text("precious", encoding="utf-8")
    (folder / "house").mkdir()
    (folder / "house" / "cat.txt").write_text("precious", encoding="utf-8")
    notebook(folder / "ana" / "00_start.ipynb", IMPORTS, "MINUTE = 60", RIGHT_RATE, STUB_COLOUR)
    notebook(folder / "ana" / ".ipynb_checkpoints" / "00_start.ipynb", IMPORTS, RIGHT_RATE)
    notebook(folder / "ben_00_start.ipynb", *rate("return frequency / 60"))
    notebook(folder / "cem.ipynb", IMPORTS, "def broken(:", "import os\nos._exit(1)", "MINUTE = 60", RIGHT_RATE)
    notebook(folder / "=dan" / "mine.ipynb", IMPORTS, '@checks.exercise("00.1")\ndef broken(:\n    pass')
    notebook(folder / "timed_00_start (1).ipynb", IMPORTS, "MINUTE = 60", f"%%time\n{RIGHT_RATE}")
    notebook(folder / "eva" / "first.ipynb", IMPORTS, "MINUTE = 3", RIGHT_RATE)
    notebook(folder / "eva" / "second.ipynb", IMPORTS, "MINUTE = 60", RIGHT_RATE)
    notebook(folder / "vandal" / "a.ipynb", *rate(f"open({str(victim)!r}, 'w')\nreturn 60 * frequency"))
    notebook(folder / "vandal" / "b.ipynb", *rate(f"import os\nos.remove({str(victim)!r})\nreturn 60 * frequency"))
    code = f"import shutil\nshutil.rmtree({str(victim.parent / 'house')!r})\nreturn 60 * frequency"
    notebook(folder / "vandal" / "d.ipynb", *rate(code))
    notebook(folder / "vandal" / "c.ipynb", *rate("import os\nos.kill(os.getppid(), 9)\nreturn 60 * frequency"))
    (folder / "fay").mkdir()
    (folder / "fay" / "empty.ipynb").write_text("", encoding="utf-8")
    for name, (body, _) in TRICKS.items():
        notebook(folder / "tricks" / f"{name}.ipynb", *rate(body, KEEPS_THE_REFERENCE))
    for name, (body, *_) in ACCIDENTS.items():
        if POSIX or name != "forks":
            notebook(folder / "accidents" / f"{name}.ipynb", *rate(body))
    done = collecting.collect(folder, processes=2, time_limit=LIMIT)
    return folder, done, victim


@pytest.fixture
def states(school):
    return {(one.submission.file, one.number): one for one in school[1].graded}


def test_a_right_answer_passes_and_a_stub_is_to_do(states):
    assert states["ana/00_start.ipynb", "00.1"].state == checks.PASS
    assert states["ana/00_start.ipynb", "00.2"].state == checks.TODO


def test_a_wrong_answer_is_told_what_class_would_tell(states):
    with checks.grading() as results:

        @checks.exercise("00.1")
        def beats_per_minute(frequency):
            return frequency / 60

    one = states["ben_00_start.ipynb", "00.1"]
    assert (one.state, one.finding, one.text) == (results[0].state, results[0].finding, results[0].text)
    assert one.state == checks.FAIL
    assert states["ben_00_start.ipynb", "00.2"].state == checks.PASS


def test_cells_that_fail_or_are_no_python_cost_no_exercise(states):
    assert states["cem.ipynb", "00.1"].state == checks.PASS
    assert states["cem.ipynb", "00.2"].state == collecting.MISSING
    assert states["timed_00_start (1).ipynb", "00.1"].state == checks.PASS
    broken = states["=dan/mine.ipynb", "00.1"]
    assert (broken.state, broken.finding) == (collecting.ERROR, "not Python")
    assert "code cell 2, line 2" in broken.text


@pytest.mark.parametrize("name", TRICKS)
def test_nobody_talks_their_way_to_a_pass(states, name):
    one = states[f"tricks/{name}.ipynb", "00.1"]
    assert one.state in (checks.FAIL, collecting.ERROR), one
    told = TRICKS[name][1]
    assert told is None or one.finding == told, one
    assert len(one.text) < 10_000
    assert states[f"tricks/{name}.ipynb", "00.2"].state == checks.PASS


@pytest.mark.parametrize("name", [name for name in ACCIDENTS if POSIX or name != "forks"])
def test_who_crashes_hangs_or_takes_all_stops_no_other(states, name):
    one = states[f"accidents/{name}.ipynb", "00.1"]
    assert (one.state, one.finding) == ACCIDENTS[name][1:], one
    assert states[f"accidents/{name}.ipynb", "00.2"].state == checks.PASS


def test_files_and_processes_of_others_are_let_alone(school, states):
    assert school[2].read_text(encoding="utf-8") == "precious"
    assert (school[0] / "house" / "cat.txt").read_text(encoding="utf-8") == "precious"
    for name in "abcd":
        one = states[f"vandal/{name}.ipynb", "00.1"]
        assert one.state == checks.FAIL
        assert "PermissionError" in one.text


def test_nothing_that_was_started_is_left(school):
    assert left_behind() == []


def left_behind():
    """Processes of collecting that are still there: children of ours, or of nobody any more."""
    own = {os.getpid(), getattr(server._forkserver, "_forkserver_pid", None)}
    found = []
    for process in psutil.process_iter(["cmdline", "ppid", "status"]):
        started = "multiprocessing.forkserver" in " ".join(process.info["cmdline"] or [])
        if started and process.pid not in own and process.info["ppid"] in {1, *own}:
            found.append(process)
    return [one for one in found if one.info["status"] != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(not POSIX, reason="on Windows others' handles are counted too")
def test_what_is_finished_holds_no_file_open(tmp_path, monkeypatch):
    """Or a class with more notebooks than a process may have open files would end half-way, with nothing written."""
    held = []
    monkeypatch.setattr(
        collecting, "judge", lambda *args: held.append(psutil.Process().num_fds()) or judging.judge(*args)
    )
    for name in "abcd":
        notebook(tmp_path / f"{name}.ipynb", IMPORTS, "MINUTE = 60", RIGHT_RATE)
    assert [one.state for one in collecting.collect(tmp_path, processes=1).graded].count(checks.PASS) == 4
    assert held[-1] == held[1]


def rows(path, encoding="utf-8-sig"):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_written(school):
    folder, done, _ = school
    assert {path.name for path in done.written} == {
        "exercise_00.1.csv",
        "exercise_00.2.csv",
        "summary.csv",
        "nbgrader.csv",
    }
    assert {path.parent for path in done.written} == {folder / "grades"}
    table = rows(folder / "grades" / "exercise_00.1.csv")
    assert tuple(table[0]) == collecting.COLUMNS
    (ben,) = [row for row in table if row["learner"] == "ben"]
    assert (ben["file"], ben["state"]) == ("ben_00_start.ipynb", "FAIL")
    assert ben["misconception"]
    assert "\n" not in ben["text"]
    assert [row["state"] for row in table if row["learner"] == "eva"] == ["FAIL", "PASS"]

    summary = {row["learner"]: row for row in rows(folder / "grades" / "summary.csv")}
    assert summary["ana"] == {"learner": "ana", "00.1": "PASS", "00.2": "TODO", "passed": "1"}
    assert summary["eva"]["00.1"] == "PASS"  # the best of two
    assert "'=dan" in summary  # a name is no formula
    assert summary["fay"] == {"learner": "fay", "00.1": "", "00.2": "", "passed": "0"}  # nobody is missing
    assert list(done.unreadable) == ["fay/empty.ipynb"]
    assert "Not read: fay/empty.ipynb: not a notebook" in str(done)


def test_the_columns_are_those_of_nbgrader(school):
    """As its CsvExportPlugin writes them, and the sums a gradebook would hold."""
    table = rows(school[0] / "grades" / "nbgrader.csv", "utf-8")
    assert ",".join(table[0]) == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,"
        "score,max_score"
    )
    found = {row["student_id"]: row for row in table}
    assert found["ana"]["assignment"] == "lesson_00"
    assert [float(found["ana"][name]) for name in ("raw_score", "late_submission_penalty", "score", "max_score")] == [
        1.0,
        0.0,
        1.0,
        len(finding.lesson("00")[1]),
    ]
    assert found["=dan"]["score"] == "0.0"


# ------------------------------------------------------------------------------------------------ hanging, interrupted

HANGING = "import time\n" + '@checks.exercise("00.1")\ndef f(x, wait=time.sleep(1000)):\n    return x'
FORKING = """
@checks.exercise("00.1")
def f(frequency):
    import ctypes, time
    if ctypes.CDLL(None).fork() == 0:
        time.sleep(1000)
    return 60 * frequency
"""


def test_who_hangs_where_no_check_can_stop_it_is_ended(tmp_path):
    notebook(tmp_path / "a.ipynb", IMPORTS, HANGING, STUB_COLOUR)
    began = time.monotonic()
    done = collecting.collect(tmp_path, processes=1, time_limit=15)
    assert time.monotonic() - began < 600
    first = next(one for one in done.graded if one.number == "00.1")
    assert (first.state, first.finding) == (collecting.ERROR, "too slow")
    assert "15 s" in first.text
    assert left_behind() == []


@pytest.mark.skipif(not POSIX, reason="elsewhere no process can be split in two")
def test_what_a_notebook_has_split_off_is_ended_with_it(tmp_path):
    notebook(tmp_path / "a.ipynb", IMPORTS, FORKING)
    done = collecting.collect(tmp_path, processes=1, time_limit=LIMIT)
    assert next(one for one in done.graded if one.number == "00.1").state == checks.PASS
    deadline = time.monotonic() + 20
    while left_behind() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind() == []


@pytest.mark.skipif(not POSIX, reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_leaves_no_process_and_no_file(tmp_path):
    notebook(tmp_path / "a.ipynb", IMPORTS, HANGING)
    command = [sys.executable, "-m", "rppg_lab.cli", "collect", str(tmp_path), "--time-limit", "900"]
    collector = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    deadline = time.monotonic() + 300
    while not (children := psutil.Process(collector.pid).children(recursive=True)) or len(children) < 3:
        assert time.monotonic() < deadline, "no notebook is being tried"
        time.sleep(0.2)
    collector.send_signal(signal.SIGINT)
    _, told = collector.communicate(timeout=120)
    assert collector.returncode == cli.INTERRUPTED
    assert "begins anew" in told
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    assert not list((tmp_path / "grades").glob("*.csv"))


# ------------------------------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("ana/00_start.ipynb", "ana"),
        ("ana/week 1/x.ipynb", "ana"),
        ("ben.ipynb", "ben"),
        ("ben_10_what_should.ipynb", "ben"),
        ("ben lee-10_what_should.ipynb", "ben lee"),
        ("ben_10_what_should (1).ipynb", "ben"),  # as browsers name what is downloaded again
        ("ben_10_what_should_kept_2026-11-22_10-00-00.ipynb", "ben"),
        ("a_b.ipynb", "a_b"),
        ("10_what_should.ipynb", "class"),
    ],
)
def test_whose_a_notebook_is(tmp_path, name, learner):
    notebook(tmp_path / "class" / name)
    assert [one.learner for one in collecting.find_notebooks(tmp_path / "class")] == [learner]


def test_what_cannot_be_is_told_before_anything_is_graded(tmp_path, capsys):
    for options, said in (
        ([str(tmp_path / "none")], "is not a folder"),
        ([str(tmp_path)], "no notebook with exercises"),
        ([str(tmp_path), "--processes", "0"], "at least 1"),
        ([str(tmp_path), "--time-limit", "0"], "more than nothing"),
        ([str(tmp_path), "--memory", "-1"], "more than nothing"),
    ):
        assert cli.main(["collect", *options]) == cli.FAILED
        assert said in capsys.readouterr().err
    notebook(tmp_path / "a.ipynb", IMPORTS, RIGHT_RATE)
    (tmp_path / "grades").write_text("a file", encoding="utf-8")
    assert cli.main(["collect", str(tmp_path)]) == cli.FAILED
    assert "grades" in capsys.readouterr().err
    (tmp_path / "grades").unlink()
    (tmp_path / "grades" / "summary.csv").mkdir(parents=True)  # as one that a spreadsheet holds open
    assert cli.main(["collect", str(tmp_path)]) == cli.FAILED
    assert "summary.csv" in capsys.readouterr().err


def test_the_help_says_what_the_module_does():
    options = cli.make_parser().parse_args(["collect", "folder"])
    assert (options.time_limit, options.memory) == (collecting.TIME_LIMIT, collecting.MEMORY_GB)


# -------------------------------------------------------------------------------------------------- the whole course


def answers_of(lesson):
    """(number, expected state, expected finding, statement) of each answer that is a definition; the module without."""
    tree = ast.parse((ROOT / "tests" / "wrong_answers" / f"lesson_{lesson}.py").read_text(encoding="utf-8"))
    found, rest = [], []
    for node in tree.body:
        registered = [one for one in getattr(node, "decorator_list", []) if _name(one) in ("right", "wrong")]
        for one in registered:
            node.decorator_list.remove(one)
            number, *name = list(one.args)
            state = checks.PASS if _name(one) == "right" else checks.FAIL
            found.append((number.value, state, ast.unparse(name[0]) if name else "''", ast.unparse(node)))
        if not (isinstance(node, ast.Expr) or (isinstance(node, ast.ImportFrom) and node.module == "answers")):
            rest.append(ast.unparse(node))
    return found, "\n".join(rest)


def _name(decorator):
    return getattr(getattr(decorator, "func", None), "id", None)


def class_of(folder, lessons):
    """A class that has answered some lessons, and what each must be told: (learner, lesson, exercise) → state, finding.

    Who has copied the lessons' solutions, who has solved nothing, and who has written the first of the tests' right or
    of its wrong answers. (All the others are judged in `test_serialising` and below, without a process for each.)
    """
    expected = {}
    for number in lessons:
        (path,) = (ROOT / "lessons").glob(f"{number}_*.py")
        lesson = lesson_source.read_lesson(path)
        notebook(folder / "worked" / f"{path.stem}.ipynb", *(c.worked for c in lesson.cells if c.kind == "code"))
        notebook(folder / "unsolved" / f"{path.stem}.ipynb", *(c.stub for c in lesson.cells if c.kind == "code"))
        expected |= {("worked", number, one): (checks.PASS, "") for one in lesson.exercises}
        expected |= {("unsolved", number, one): (checks.TODO, "") for one in lesson.exercises}
        found, module = answers_of(number)
        learners, said = {}, dict(vars(answers.module(number)))
        for exercise, state, name, source in found:
            learner = state.lower()
            if (learner, number, exercise) not in expected:
                learners.setdefault(learner, []).append(f'@checks.exercise("{exercise}")\n{source}')
                expected[learner, number, exercise] = (state, eval(name, said))  # a text, or one of diagnosing's
        for learner, cells in learners.items():
            notebook(folder / learner / f"{path.stem}.ipynb", IMPORTS, module, *cells)
    return expected


def wrongly_graded(expected, got):
    return "\n".join(f"{key}: {got.get(key)}, not {told}" for key, told in expected.items() if got.get(key) != told)


def test_a_lesson_is_graded_as_in_class(tmp_path):
    expected = class_of(tmp_path, ["00"])
    done = collecting.collect(tmp_path, processes=2, time_limit=10 * LIMIT)
    got = {(one.submission.learner, "00", one.number): (one.state, one.finding) for one in done.graded}
    assert not wrongly_graded(expected, got)


@pytest.mark.course
def test_the_whole_course_is_graded_as_in_class(tmp_path):
    """By the program, whose processes find every lesson loaded; in here each would have to load its own."""
    expected = class_of(tmp_path, finding.lesson_numbers())
    command = [sys.executable, "-m", "rppg_lab.cli", "collect", tmp_path, "--processes", "2", "--time-limit", "600"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=1200)
    assert done.returncode == 0, done.stderr
    got = {}
    for number in (one.number for lesson in finding.lesson_numbers() for one in finding.lesson(lesson)[1]):
        for row in rows(tmp_path / "grades" / f"exercise_{number}.csv"):
            got[row["learner"], number.split(".")[0], number] = (row["state"], row["misconception"])
    assert not wrongly_graded(expected, got)
    assert {key[2] for key in expected} == {key[2] for key in got}


@pytest.fixture
def restored():
    """A list of functions whose code is put back."""
    functions = []
    yield functions
    for function, code in functions:
        function.__code__ = code


@pytest.mark.parametrize("lesson", finding.lesson_numbers())
def test_right_answers_do_without_what_is_out_of_reach(lesson, restored):
    """Every right answer passes where the package's own can no longer be called, and a call of it is refused."""
    answers.module(lesson)
    for exercise in finding.lesson(lesson)[1]:
        rights = answers.RIGHT[exercise.number]
        made = [dataclasses.replace(exercise, cases=tuple(map(trying._with_arguments, exercise.cases))) for _ in rights]
        own = [one for function in (exercise.reference, *exercise.refused) for one in own_functions(function)]
        restored += [(one, one.__code__) for one in own]
        trying._put_out_of_reach(exercise)
        content = [serialising.pack(judging.try_out(one, right)) for one, right in zip(made, rights, strict=True)]
        refused = judging.judge(exercise, judging.try_out(exercise, exercise.reference))
        for function, code in restored:
            function.__code__ = code
        assert refused.finding == judging.PACKAGE_OWN
        for one, right in zip(content, rights, strict=True):
            result = judging.judge(exercise, serialising.unpack(one, exercise))
            assert result.state == checks.PASS, (right, result)
