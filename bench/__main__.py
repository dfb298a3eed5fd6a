"""`python -m bench [name…]`: run the named measurements, or all, and print a table of their figures."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

import bench


def main(names: list[str]) -> int:
    """Run each in a process of its own, so that one cannot disturb the next."""
    known = sorted(module.stem for module in Path(__file__).parent.glob("[a-z]*.py"))
    chosen = [name.replace("-", "_") for name in names] or known
    if unknown := set(chosen) - set(known):
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return 2
    codes = {name: _run(name, f"{number}/{len(chosen)}") for number, name in enumerate(chosen, 1)}
    failed = [name for name, code in codes.items() if code]
    for name in chosen:
        if name not in failed:
            show(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return max(abs(code) for code in codes.values())


def _run(name: str, progress: str) -> int:
    """Return the exit code: 1 also when it left no result, 2 when it was asked for something that is not."""
    bench.path(name).unlink(missing_ok=True)
    print(f"[{progress}] {name}", end=" ", flush=True)
    begun = time.monotonic()
    code = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    print(f"{time.monotonic() - begun:.1f} s" if code == 0 else f"ended with {code}")
    return code or int(not bench.path(name).is_file())


def show(name: str) -> None:
    """Print the figures that a module left, or where they are."""
    print(f"\n{name} (build/bench/{name}.json)")
    try:
        _print(msgspec.json.decode(bench.path(name).read_bytes(), type=bench.Result))
    except msgspec.ValidationError:
        print("  a table of its own form: see the file")


def _print(result: bench.Result) -> None:
    if result.load_before > result.cpus:
        print(f"  the machine was busy: load {result.load_before:.1f} on {result.cpus} processors")
    rows = list(_rows(result))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for what, value, peer, ratio in rows:
        print(f"  {what:<{widths[0]}}  {value:>{widths[1]}}  {peer:<{widths[2]}}  {ratio}".rstrip())


def _rows(result: bench.Result) -> Iterator[tuple[str, str, str, str]]:
    for figure in result.figures:
        peer = ratio = ""
        if figure.peer_value is not None:
            peer = f"{figure.peer} {_number(figure.peer_value)}"
            ours, theirs = sorted((figure.value, figure.peer_value), reverse=True)
            wins = (figure.value < figure.peer_value) == (figure.better == "less")
            ratio = f"{ours / theirs:.2f} times {'better' if wins else 'worse'}" if theirs > 0 else ""
        yield figure.what, f"{_number(figure.value)} {figure.unit}", peer, ratio


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
