"""In a real kernel, as a learner meets it: what `?` shows, what Ctrl-C does, and that the kernel lives on."""

import re
import time

import pytest
from jupyter_client.manager import start_new_kernel

PATIENCE = 60  # s for the kernel to answer

STUB = '''
from rppg_lab import checks

@checks.exercise("00.1")
def beats_per_minute(frequency):
    """The learner's docstring."""
    raise NotImplementedError("Exercise 00.1")  # the learner's line
'''

STUB_CLASS = '''
from rppg_lab import video
from rppg_lab.checks.substituting import substitute

class Box:
    """The learner's docstring."""

    def enlarge(self, factor):
        """Larger."""
        raise NotImplementedError

Box = substitute(Box, video.Box)
box = Box(0, 0, 2, 2)
'''


class Notebook:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def run(self, code, *, interrupt_after=None):
        """The status of a cell and what it printed."""
        printed = []

        def hear(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        if interrupt_after is None:
            reply = self.client.execute_interactive(code, output_hook=hear, timeout=PATIENCE)
            return reply["content"], "".join(printed)
        # After an error a kernel throws away what is asked of it next, for a moment, unless told otherwise.
        request = self.client.execute(code, stop_on_error=False)
        time.sleep(interrupt_after)
        self.manager.interrupt_kernel()
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"], ""

    def shown(self, name, detail):
        """What `name?` (detail 0) or `name??` (detail 1) shows."""
        request = self.client.inspect(name, cursor_pos=len(name), detail_level=detail)
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == request:
                return re.sub(r"\x1b\[[\d;]*m", "", str(reply["content"]["data"].get("text/plain", "")))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=PATIENCE)
    try:
        yield Notebook(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_question_marks_show_the_learners_own(notebook):
    status, printed = notebook.run(STUB)
    assert status["status"] == "ok"
    assert "TODO" in printed
    _, value = notebook.run("print(beats_per_minute(1.5))")
    assert float(value) == 90
    for detail in (0, 1):
        shown = notebook.shown("beats_per_minute", detail)
        assert "The learner's docstring." in shown
        assert "60.0" not in shown
        assert "lesson_00" not in shown
    assert "# the learner's line" in shown


def test_question_marks_show_the_learners_own_class(notebook):
    assert notebook.run(STUB_CLASS)[0]["status"] == "ok"
    assert notebook.run("print(box.enlarge(2).w)")[1].strip() == "4"
    for name in ("Box", "Box.enlarge", "box.enlarge", "box", "Box.clip"):
        shown = notebook.shown(name, 1)
        assert "self.w * factor" not in shown
        assert "np.isfinite" not in shown
        assert "video.py" not in shown


def test_error_is_told_by_its_line_of_the_cell(notebook):
    cell = '@checks.exercise("00.1")\ndef rate(frequency):\n    beats = frequency.beats\n    return beats'
    _, printed = notebook.run(cell)
    assert "AttributeError" in printed
    assert "line 3: `beats = frequency.beats`" in " ".join(printed.split())


def test_interrupt_stops_an_endless_answer_and_nothing_else(notebook):
    endless = """
import dataclasses, threading

def rate(frequency):
    while True:
        pass

checks.grade(dataclasses.replace(checks.find("00.1"), time_limit=120.0), rate)
"""
    began = time.monotonic()
    reply, _ = notebook.run(endless, interrupt_after=0.5)
    assert reply["status"] == "error"
    assert reply["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - began < PATIENCE
    reply, printed = notebook.run("print([one.name for one in threading.enumerate() if one.name == 'exercise'])")
    assert reply["status"] == "ok"
    assert printed.strip() == "[]"


def test_endless_answer_becomes_a_message(notebook):
    reply, printed = notebook.run('@checks.exercise("00.1")\ndef rate(frequency):\n    while True:\n        print(1)')
    assert reply["status"] == "ok"
    assert "It does not end" in printed
    assert len(printed) < 1000
    assert notebook.run("print(rate(1))")[1].strip() == "60.0"
