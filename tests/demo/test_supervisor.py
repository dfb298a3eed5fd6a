import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from demo.ready import TooLate, until
from demo.supervisor import Limits, Service, ServiceFailed, Supervisor

QUICK = Limits(restart_delay_s=0.05, burst=4, interval_s=10, stop_s=0.5)


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "log", QUICK)
    yield made
    await made.close()


def python(name: str, program: str, **more: object) -> Service:
    return Service(name=name, argv=(sys.executable, "-c", program), **more)  # type: ignore[arg-type]


SLEEPER = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


async def started_again(supervisor: Supervisor, name: str, times: int) -> None:
    async def probe() -> bool:
        return len(supervisor.starts(name)) >= times and supervisor.pid(name) is not None

    await until(probe, 5, name)


async def test_a_killed_process_is_started_again(supervisor: Supervisor) -> None:
    await supervisor.start(python("a", SLEEPER))
    first = supervisor.pid("a")
    supervisor.send("a", signal.SIGKILL)
    await started_again(supervisor, "a", 2)
    assert supervisor.pid("a") != first
    assert [start.pid for start in supervisor.starts("a")] == [first, supervisor.pid("a")]


async def test_a_process_that_keeps_ending_is_given_up_with_its_last_words(supervisor: Supervisor) -> None:
    await supervisor.start(python("bad", "import sys; print('no camera'); sys.exit(3)"))

    async def given_up() -> bool:
        try:
            supervisor.check()
        except ServiceFailed:
            return True
        return False

    await until(given_up, 10, "giving up")
    assert len(supervisor.starts("bad")) == QUICK.burst
    with pytest.raises(ServiceFailed, match="exit code 3") as failed:
        supervisor.check()
    assert "no camera" in failed.value.log


async def test_a_missing_program_is_said_at_once(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.supervisor.shutil.which", lambda _: None)
    with pytest.raises(ServiceFailed, match="cannot be started"):
        await supervisor.start(Service(name="x", argv=("/nowhere/program",)))


async def test_stubborn_processes_and_their_children_are_killed_after_the_deadline(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    note = tmp_path / "child"
    child = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); "
    program = child + f"open({str(note)!r}, 'w').write(str(p.pid)); {STUBBORN}"
    await supervisor.start(python("a", program))

    async def up() -> bool:
        return note.exists() and note.read_text() != "" and "up" in supervisor.log_tail("a")

    await until(up, 5, "child")
    pids = [supervisor.pid("a"), int(note.read_text())]
    began = time.monotonic()
    await supervisor.stop("a")
    assert QUICK.stop_s <= time.monotonic() - began < QUICK.stop_s + 2
    await asyncio.sleep(0.1)
    assert not [pid for pid in pids if pid and psutil.pid_exists(pid) and running(pid)]


async def test_nothing_else_is_ended(supervisor: Supervisor) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEPER)
    await supervisor.start(python("a", SLEEPER))
    await supervisor.close()
    assert other.returncode is None
    assert running(other.pid)
    other.kill()
    await other.wait()


async def test_stages_end_from_the_highest_down(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        "def end(*_): open({order!r}, 'a').write({name!r}); sys.exit()\n"
        "signal.signal(15, end); print('up', flush=True); time.sleep(60)"
    )
    for name, stage in (("a", 0), ("b", 2), ("c", 1)):
        await supervisor.start(python(name, program.format(order=str(order), name=name), stage=stage))

    async def up() -> bool:
        return all("up" in supervisor.log_tail(name) for name in "abc")

    await until(up, 5, "services")
    await supervisor.close()
    assert order.read_text() == "bca"
    assert supervisor.names() == []


async def test_a_service_that_waits_for_its_restart_can_be_stopped(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Limits(restart_delay_s=30))
    await supervisor.start(python("a", "pass"))

    async def down() -> bool:
        return supervisor.pid("a") is None

    await until(down, 5, "end")
    await supervisor.stop("a")
    assert supervisor.names() == []


async def test_a_program_that_takes_too_long_is_ended(supervisor: Supervisor) -> None:
    with pytest.raises(ServiceFailed, match="took too long"):
        await supervisor.run(python("slow", SLEEPER), deadline_s=0.2)
    assert supervisor.names() == []


async def test_a_program_that_fails_says_why(supervisor: Supervisor) -> None:
    await supervisor.run(python("good", "pass"), deadline_s=10)
    with pytest.raises(ServiceFailed, match="SIGABRT"):
        await supervisor.run(python("bad", "import os; os.abort()"), deadline_s=10)


async def test_services_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"""
import asyncio, pathlib, sys
from demo.supervisor import Service, Supervisor
async def main():
    supervisor = Supervisor(pathlib.Path({str(tmp_path)!r}))
    await supervisor.start(Service(name="a", argv=(sys.executable, "-c", {SLEEPER!r})))
    pathlib.Path({str(note)!r}).write_text(str(supervisor.pid("a")))
    await asyncio.sleep(60)
asyncio.run(main())
"""
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", program)

    async def started() -> bool:
        return note.exists() and note.read_text() != ""

    await until(started, 10, "service")
    pid = int(note.read_text())
    host.kill()
    await host.wait()

    async def ended() -> bool:
        return not running(pid)

    await until(ended, 5, "end of the orphan")


async def test_a_wait_names_what_did_not_happen() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(TooLate, match=r"the sun: not within 0\.2 s"):
        await until(never, 0.2, "the sun")


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
