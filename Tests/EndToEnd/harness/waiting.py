"""Waiting for a condition with a deadline. No test sleeps for luck."""

import asyncio
import time
from collections.abc import Callable


class DeadlineExceeded(AssertionError):
    """A condition did not hold in time."""


def wait_until(condition: Callable[[], object], within: float, what: str, every: float = 0.02):
    """Polls `condition` until it returns something true, and returns that. For code without an event loop."""
    deadline = time.monotonic() + within
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"{what}: not within {within:g} s")
        time.sleep(every)


async def eventually(condition: Callable[[], object], within: float, what: str, every: float = 0.02):
    """Polls `condition` (a function or a coroutine function) on the event loop until it returns something true."""
    deadline = time.monotonic() + within
    while True:
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return result
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"{what}: not within {within:g} s")
        await asyncio.sleep(every)
