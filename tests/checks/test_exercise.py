"""The decorator: one line for the learner, the function to go on with, and nothing that gives the solution away."""

import inspect
import re
import subprocess
import sys
import traceback

import pytest
from colorama import Fore

from rppg_lab import checks
from rppg_lab.checks import lesson_00, progress
from rppg_lab.checks.substituting import substitute


@pytest.fixture(autouse=True)
def _progress_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("RPPG_LAB_PROGRESS", str(tmp_path / "progress.json"))


def right(frequency):
    return frequency * 60


def stub(frequency):
    """Beats per minute."""
    raise NotImplementedError("Exercise 00.1")


def wrong(frequency, *, note="learner's own signature"):
    """Beats per minute."""
    return frequency / 60


class TestLine:
    @pytest.mark.parametrize(("answer", "word"), [(right, "PASS"), (stub, "TODO"), (wrong, "FAIL")])
    def test_one_line_that_may_be_continued(self, answer, word, capsys):
        checks.exercise("00.1")(answer)
        first, *rest = capsys.readouterr().out.splitlines()
        plain = re.sub(r"\x1b\[\d+m", "", first)
        assert plain.startswith(f"{word} 00.1 · ")
        assert all(line.startswith("     ") for line in rest)
        assert max(map(len, [plain, *rest])) <= checks.WIDTH + 10

    def test_only_the_word_has_a_colour(self, capsys):
        checks.exercise("00.1")(right)
        assert capsys.readouterr().out.startswith(f"{Fore.GREEN}PASS{Fore.RESET} 00.1")
        checks.exercise("00.1")(wrong)
        out = capsys.readouterr().out
        assert out.startswith(f"{Fore.RED}FAIL{Fore.RESET} 00.1")
        assert out.count("\x1b") == 2

    def test_fail_names_the_idea_and_the_section(self, capsys):
        checks.exercise("00.1")(wrong)
        out = capsys.readouterr().out
        for part in ("The wrong way round", "1.2 Hz", "0.02", "72 beats per minute", lesson_00.UNITS):
            assert part in out

    def test_progress_trouble_does_not_break_the_cell(self, capsys, monkeypatch, tmp_path):
        (tmp_path / "a file").write_text("", encoding="utf-8")
        monkeypatch.setenv("RPPG_LAB_PROGRESS", str(tmp_path / "a file" / "progress.json"))
        assert checks.exercise("00.1")(right) is right
        out = capsys.readouterr().out
        assert "PASS" in out
        assert "progress could not be written" in out


class TestFunctionToGoOnWith:
    def test_is_the_learners_if_it_passed(self):
        assert checks.exercise("00.1")(right) is right

    @pytest.mark.parametrize("answer", [stub, wrong])
    def test_is_the_packages_if_not(self, answer):
        go_on = checks.exercise("00.1")(answer)
        assert go_on(1.5) == 90
        assert go_on.__name__ == answer.__name__
        assert go_on.__doc__ == answer.__doc__
        assert inspect.signature(go_on) == inspect.signature(answer)

    def test_has_the_learners_source(self):
        assert inspect.getsource(checks.exercise("00.1")(wrong)) == inspect.getsource(wrong)

    def test_its_errors_quote_no_line_of_the_solution(self):
        def reference(wave):
            peak = max(wave)  # the secret
            return peak

        go_on = substitute(wrong, reference)
        with pytest.raises(TypeError) as caught:
            go_on(3)
        assert "the secret" not in "".join(traceback.format_exception(caught.value))

    def test_a_class(self):
        class Reference:
            """Solved."""

            def __init__(self, start):
                self.total = start

            def add(self, amount):
                self.total += amount * 1  # the secret
                return self

            def report(self):
                return "a report"

        class Stub:
            """To be written."""

            def __init__(self, first):
                raise NotImplementedError

            def add(self, amount):
                """Add an amount."""
                raise NotImplementedError

        go_on = substitute(Stub, Reference)
        assert go_on(2).add(3).total == 5
        assert go_on(2).report() == "a report"
        assert isinstance(go_on(2), Reference)
        assert (go_on.__name__, go_on.__doc__) == ("Stub", "To be written.")
        assert str(inspect.signature(go_on)) == "(first)"
        for shown in (go_on, go_on.add, go_on(2).add, go_on.report):
            assert "the secret" not in inspect.getsource(shown)
            assert "a report" not in inspect.getsource(shown)


class TestGrading:
    def test_gives_data_and_replaces_nothing(self, capsys, tmp_path):
        with checks.grading() as results:
            assert checks.exercise("00.1")(wrong) is wrong
            assert checks.exercise("00.1")(stub) is stub
            checks.exercise("00.1")(right)
        assert [(one.number, one.state, one.finding) for one in results] == [
            ("00.1", "FAIL", "the wrong way round"),
            ("00.1", "TODO", ""),
            ("00.1", "PASS", ""),
        ]
        assert capsys.readouterr().out == ""
        assert not list(tmp_path.iterdir()), "grading writes no progress"
        assert checks.exercise("00.1")(wrong) is not wrong

    def test_ends_with_an_error_too(self):
        with pytest.raises(ZeroDivisionError), checks.grading():
            1 / 0  # noqa: B018
        assert checks.exercise("00.1")(wrong) is not wrong


def test_rehearsal_shows_and_leaves_no_trace(capsys, tmp_path):
    assert checks.rehearse("00.1", wrong) is None
    out = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out)
    assert out.startswith("rehearsal: FAIL 00.1 · The wrong way round")
    assert not list(tmp_path.iterdir())


class TestNumber:
    @pytest.mark.parametrize(
        ("number", "nearest"), [("00.3", "'00.2'"), ("00x.1", "'00'"), ("nonsense", "lessons are 00")]
    )
    def test_unknown_names_the_nearest(self, number, nearest):
        with pytest.raises(ValueError, match=nearest):
            checks.exercise(number)

    def test_as_a_number(self):
        with pytest.raises(TypeError, match=r'"10\.2"'):
            checks.exercise(10.2)

    def test_only_what_can_be_called(self):
        with pytest.raises(TypeError, match="function or a class"):
            checks.exercise("00.1")(72)


def test_lessons_without_torch_start_without_it():
    """Importing torch takes seconds, and lesson 00 has no use for it."""
    code = "import sys; from rppg_lab import checks; checks.rehearse('00.1', lambda f: 60 * f)\n"
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_report_lists_every_exercise():
    checks.exercise("00.1")(wrong)
    checks.exercise("00.2")(lambda frames: frames.mean(axis=(1, 2)))
    report = checks.progress_report()
    assert re.search(r"00\.1 .* open, 1 try", report)
    assert re.search(r"00\.2 .* done \d{4}-\d\d-\d\d, 1 try", report)
    assert "the wrong way round" in report
    assert lesson_00.UNITS in report
    assert progress.read()["00.1"]["failures"] == {"the wrong way round": 1}
