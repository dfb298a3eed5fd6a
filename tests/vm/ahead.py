"""Work that is begun before it is asked for: as much at once as there are processors, in the order given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = max(2, os.cpu_count() or 1)


class Ahead:
    """Begins at once. At the end of its context what has not begun never will; what has is waited for."""

    def __init__(self, work: Mapping[str, Callable[[], None]]) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ahead")
        self._begun = {name: self._pool.submit(what) for name, what in work.items()}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def result(self, name: str) -> None:
        """Wait for one, and raise what it raised."""
        self._begun[name].result()
