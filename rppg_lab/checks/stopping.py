"""A call that can be stopped: endless loops end, Ctrl-C keeps its meaning, and no exception arrives late.

The call runs in a thread of its own. When its time is over, an exception is thrown into that thread, again and again
until it lands. Whatever lands late lands there, and not in the notebook's thread. A thread in a long call into C cannot
be stopped; it is left behind. What nothing helps against is a call into C that never gives another thread its turn,
such as `10 ** 10 ** 10`.
"""

from __future__ import annotations

import contextvars
import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

POLL = 0.05  # s between looks at the thread: on Windows a thread that waits does not hear Ctrl-C
GRACE = 1.0  # s in which a thread is told again and again to stop, before it is left behind
STEPS_TO_LAND = 1000  # of Python; an exception on its way needs a few

_left_behind: list[threading.Event] = []  # of threads that did not stop; set when they end after all


class _Stopped(BaseException):
    """Thrown into a thread whose time is over; not an Exception, so that `except Exception` lets it through."""


@dataclass
class Call:
    """What became of a call: its value or the error it raised; ended is False when it was stopped or left behind."""

    value: Any = None
    error: BaseException | None = None
    ended: bool = False


def run(work: Callable[[], Any], time_limit: float) -> Call:
    """Call `work()` for at most `time_limit` s. Nothing it raises gets out; Ctrl-C stops it and is raised here."""
    call = Call()
    lock, told, over = threading.Lock(), False, False
    done = threading.Event()  # not `is_alive`: before Python 3.13 a thread whose join met Ctrl-C counts as dead

    def attempt() -> None:
        try:
            call.value = work()
        except _Stopped:
            raise
        except BaseException as error:  # `exit()` too: it must not end the kernel
            call.error = error
        call.ended = True

    def target() -> None:
        try:
            attempt()
        except _Stopped:
            pass
        finally:
            close()

    def close() -> None:
        nonlocal over
        try:
            with lock:  # from here on nothing is thrown any more
                over = True
            if told:
                _let_land()
            done.set()
        except _Stopped:  # it landed between these lines
            close()

    def stop() -> None:
        nonlocal told
        deadline = time.monotonic() + GRACE
        while not done.is_set() and time.monotonic() < deadline:
            with lock:
                if not over and thread.ident is not None:
                    told = True
                    _throw(thread.ident)
            done.wait(POLL)
        if not done.is_set():  # in C, or catching everything; what was thrown ends it when it comes back to Python
            _left_behind.append(done)

    # The copy carries e.g. NumPy's errstate in, and keeps what the call sets from getting out.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(target,), name="exercise", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + time_limit
        while not done.is_set() and time.monotonic() < deadline:
            done.wait(min(POLL, time_limit))
    finally:
        stop()  # does nothing if it is done
    return replace(call)  # a copy: a thread left behind may still write into its own


def may_profile() -> bool:
    """Whether a thread may be profiled now.

    Python 3.11 hangs in a profiled thread as long as an exception is on its way to another one, and one is on its way
    to a thread that was left behind.
    """
    return all(done.is_set() for done in _left_behind)


def _throw(thread_id: int) -> None:
    """Ask the interpreter to raise `_Stopped` in a thread, at its next step in Python.

    It is never taken back: that would leave Python before 3.13 looking, at every step, for what is no longer there.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(_Stopped))


def _let_land() -> None:
    """Wait for an exception that may be on its way to this thread."""
    try:
        for _ in range(STEPS_TO_LAND):
            pass
    except _Stopped:
        pass
