"""Nothing that a library or an exception says reaches the log: only what kind of thing happened, where."""

import subprocess
import sys

import msgspec
import pytest

CANARY = "kanarie-rum-4711"
START = f"""
import asyncio, logging, threading
from kit import log
log.configure('engine')
canary = "{CANARY}"
"""


@pytest.mark.parametrize(
    ("program", "event"),
    [
        ("raise ValueError(canary)", "process_failed"),
        (
            "t = threading.Thread(target=lambda: {}[canary], name=canary)\nt.start()\nt.join()",
            "thread_failed",
        ),
        (
            "async def fail():\n"
            "    raise OSError(canary)\n"
            "async def main():\n"
            "    asyncio.get_running_loop().set_exception_handler(log.loop_error)\n"
            "    task = asyncio.create_task(fail(), name=canary)\n"
            "    await asyncio.sleep(0.01)\n"
            "    del task\n"
            "asyncio.run(main())",
            "task_failed",
        ),
        ("logging.getLogger('aiortc.x').error('%s', canary)", "library_error"),
        (
            "try:\n    raise OSError(canary)\nexcept OSError as e:\n    log.failed('call_failed', e)",
            "call_failed",
        ),
    ],
)
def test_a_failure_is_told_without_what_it_says(program: str, event: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START + program], capture_output=True, check=False, text=True
    )
    assert CANARY not in done.stderr + done.stdout
    _started, line = done.stderr.splitlines()
    assert msgspec.json.decode(line)["event"] == event


def test_what_libraries_chat_about_is_not_written_at_all() -> None:
    program = "logging.getLogger('httpx').info(canary)\nlogging.getLogger('aioice').warning(canary)"
    done = subprocess.run([sys.executable, "-c", START + program], capture_output=True, check=True, text=True)
    assert len(done.stderr.splitlines()) == 1
