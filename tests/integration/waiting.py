"""Waiting for a condition with a deadline: the only way in which these tests let time pass."""
import time


def wait_until(condition, what, seconds=20.0, pause=0.02):
    """The first truthy answer of condition(); AssertionError naming `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)
