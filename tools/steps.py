"""Long steps of the set-up: done once for each content, with progress, a log, and plain words on failure."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.tree import ROOT

LOGS = ROOT / "build" / "log"
STAMPS = ROOT / "build" / "stamps"
_LAST_LINES = 15


@dataclass(frozen=True)
class Command:
    """One program to run. `counted` marks the output lines that are progress, of `total` in all."""

    arguments: Sequence[str]
    folder: Path = ROOT
    counted: Callable[[str], bool] = lambda _line: False
    total: int = 0


@dataclass(frozen=True)
class Step:
    """Work that need not be done again while `key` is the same and every path of `makes` is there."""

    name: str
    key: str
    makes: Sequence[Path]
    commands: Sequence[Command]
    on_failure: str

    @property
    def _stamp(self) -> Path:
        return STAMPS / self.name.replace("/", "-").replace(" ", "-")

    def is_done(self) -> bool:
        """True where the same content was brought to its end before and nothing of it was removed."""
        stamped = self._stamp.read_text(encoding="utf-8") if self._stamp.is_file() else ""
        return stamped == self.key and all(path.exists() for path in self.makes)

    def do(self) -> bool:
        """Run the commands; on failure print why and what to do, and return False."""
        log = LOGS / f"{self._stamp.name}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
        for command in self.commands:
            code = _run(self.name, command, log)
            if code != 0:
                self._explain(code, log)
                return False
        self._stamp.parent.mkdir(parents=True, exist_ok=True)
        self._stamp.write_text(self.key, encoding="utf-8")
        print(f"{self.name}: done")
        return True

    def _explain(self, code: int, log: Path) -> None:
        lines = log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:]
        print(f"\n{self.name}: failed ({code}). Last lines of {log.relative_to(ROOT)}:", file=sys.stderr)
        print("\n".join(f"    {line}" for line in lines), file=sys.stderr)
        print(self.on_failure, file=sys.stderr)


def content_key(*parts: str | Path) -> str:
    """Hash of the given words and of the content of the given files, in order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def do_missing(steps: Iterable[Step]) -> bool:
    """Do what is not done yet, in order; stops at the first failure. Says nothing where all is done."""
    return all(step.do() for step in steps if not step.is_done())


def _run(name: str, command: Command, log: Path) -> int:
    on_screen = sys.stdout.isatty()
    print(f"{name}: {' '.join(Path(word).name for word in command.arguments[:3])}", flush=True)
    done = 0
    with (
        log.open("a", encoding="utf-8") as kept,
        subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
        ) as program,
    ):
        for line in program.stdout or ():
            kept.write(line)
            if command.counted(line):
                done += 1
                _show(done, command.total, on_screen=on_screen)
    return program.returncode


def _show(done: int, total: int, *, on_screen: bool) -> None:
    """One line that counts up on a terminal; elsewhere a line for each tenth of the way."""
    if on_screen:
        print(f"\r  {done} of {total}", end="\n" if done == total else "", flush=True)
    elif done == total or done % max(1, total // 10) == 0:
        print(f"  {done} of {total}", flush=True)
