"""`python -m bench.linktests.room CERTIFICATE KEY`: a test room in a process of its own, until stdin ends.

Prints the port of its HTTPS.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bench.linktests import side
from kit.meeting.testroom import TestRoomServer, Tls
from kit.meeting.testroom.server import quiet_libraries


async def _serve(certificate: Path, key: Path) -> None:
    async with TestRoomServer(tls=Tls(("127.0.0.1", 0), certificate, key)) as server:
        side.only_loopback()
        print(urlsplit(server.tls_url).port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    # Standard output is for the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    quiet_libraries()
    asyncio.run(_serve(Path(sys.argv[1]), Path(sys.argv[2])))
