"""``python -m kit.meeting.testroom``: serve rooms until interrupted."""

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import msgspec
import structlog
import typer

from kit.meeting.testroom import TestRoomServer, Tls, default_config, load
from kit.meeting.testroom.page import BUILT
from kit.meeting.testroom.server import Address, quiet_libraries

log = structlog.get_logger()


app = typer.Typer(add_completion=False)


@app.command()
def main(
    listen: Annotated[str, typer.Option(help="address:port for HTTP")] = "127.0.0.1:8081",
    tls_listen: Annotated[str, typer.Option(help="address:port for HTTPS; needs --cert and --key")] = "",
    cert: Annotated[Path | None, typer.Option(help="PEM certificate chain")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key")] = None,
    rooms: Annotated[Path | None, typer.Option(help="TOML file with rooms, picture and limits")] = None,
    lab: Annotated[str, typer.Option(help="address:port for faults on purpose; off without it")] = "",
    page: Annotated[Path, typer.Option(help="folder with the built coordinator's page")] = BUILT,
) -> None:
    """Serve meeting rooms that speak Pexip's client API v2."""
    if tls_listen and (cert is None or key is None):
        raise typer.BadParameter("--tls-listen needs --cert and --key")
    try:
        config = load(rooms) if rooms is not None else default_config()
    except (OSError, msgspec.ValidationError, msgspec.DecodeError) as wrong:
        raise typer.BadParameter(f"{rooms}: {wrong}") from wrong
    tls = Tls(_address(tls_listen), cert, key) if tls_listen and cert and key else None
    quiet_libraries()
    server = TestRoomServer(config, _address(listen), tls, _address(lab) if lab else None, page)
    asyncio.run(_serve(server))


async def _serve(server: TestRoomServer) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with server:
        log.info("serving", url=server.url, tls_url=server.tls_url, lab_url=server.lab_url)
        with contextlib.suppress(asyncio.CancelledError):
            await stopped.wait()


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise typer.BadParameter(f"{text}: address:port is needed")
    return host.strip("[]"), int(port)


if __name__ == "__main__":
    app(prog_name="python -m kit.meeting.testroom")
