"""Command line of the authority: ``python -m provisioning --help``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from provisioning import broker as brokers
from provisioning import files
from provisioning.authority import Authority, RequestRefused, create
from provisioning.broker import Broker
from provisioning.names import NameRefused

Folder = Annotated[Path, typer.Option("--authority", help="The authority's folder.")]
Request = Annotated[Path, typer.Option("--request", help="Signing request (PEM), made where the key is.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the certificate chain (PEM).")]

app = typer.Typer(no_args_is_help=True, help="Identities for kits, services and servers.")
authority_app = typer.Typer(no_args_is_help=True, help="The authority itself.")
issue_app = typer.Typer(no_args_is_help=True, help="Certificates from signing requests.")
broker_app = typer.Typer(no_args_is_help=True, help="The MQTT broker's set-up.")
app.add_typer(authority_app, name="authority")
app.add_typer(issue_app, name="issue")
app.add_typer(broker_app, name="broker")


@authority_app.command("init")
def init(folder: Folder, name: Annotated[str, typer.Option(help="The region's name.")]) -> None:
    """Create root, issuer and an empty revocation list."""
    create(folder, name)
    typer.echo(f"Created. Keep {folder / 'root.key'} offline; it is needed only to replace the issuer.")


@authority_app.command("status")
def status(folder: Folder) -> None:
    """What was issued, and when the revocation list expires; exit code 1 when that is within a week."""
    authority = Authority(folder)
    for entry in authority.entries():
        state = "revoked" if entry.revoked else "expired" if entry.expires < datetime.now(UTC) else "valid"
        typer.echo(f"{entry.role.value:8} {entry.name:24} {state:8} until {entry.expires:%Y-%m-%d}")
    left = authority.crl_expires() - datetime.now(UTC)
    typer.echo(f"revocation list: {left.days} days left")
    if left.days < 7:
        raise typer.Exit(1)


@authority_app.command("crl")
def crl(folder: Folder) -> None:
    """Renew the revocation list. The broker refuses everybody once it has expired."""
    Authority(folder).renew_crl()


@app.command("request")
def request(
    name: Annotated[str, typer.Argument(help="kit-0007, fleet-ingest, or a server's name.")],
    folder: Annotated[Path, typer.Option(help="Where the key shall stay.")],
) -> None:
    """Make a key here, and the signing request for it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(folder / "request.pem", files.request(files.new_key(folder / "key.pem"), name))


@issue_app.command("kit")
@issue_app.command("client")
def issue_client(name: str, folder: Folder, request: Request, out: Out) -> None:
    """For a kit (kit-0007) or a fleet service (fleet-ingest)."""
    files.write(out, Authority(folder).issue_client(request.read_bytes(), name))


@issue_app.command("server")
def issue_server(
    name: str,
    folder: Folder,
    request: Request,
    out: Out,
    host: Annotated[list[str], typer.Option(help="DNS name or IP address; may be repeated.")],
) -> None:
    """For a server that is reached by these hosts."""
    files.write(out, Authority(folder).issue_server(request.read_bytes(), name, tuple(host)))


@app.command("revoke")
def revoke(name: str, folder: Folder) -> None:
    """Revoke all certificates of a kit, service or server. Then write the broker's access rules anew."""
    typer.echo(f"revoked: {Authority(folder).revoke(name)}")


@broker_app.command("config")
def config(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="The broker's folder.")],
    certificate: Annotated[Path, typer.Option(help="The broker's certificate chain (PEM).")],
    key: Annotated[Path, typer.Option(help="The broker's key (PEM).")],
    host: str = "0.0.0.0",  # noqa: S104 - the broker is there to be reached, and admits certificates only
    port: int = 8883,
    user: str = "mosquitto",
) -> None:
    """Write mosquitto.conf, access rules and revocation list; then start the broker, or send it SIGHUP."""
    authority = Authority(folder)
    plan = Broker(
        folder=out.resolve(),
        host=host,
        port=port,
        root=out.resolve() / "root.pem",
        certificate=certificate.resolve(),
        key=key.resolve(),
        user=user,
    )
    brokers.write(plan, authority.crl_file.read_bytes(), authority.locked_out())
    files.write(plan.root, authority.root_file.read_bytes())
    typer.echo(f"mosquitto -c {plan.config}")


def main() -> None:
    """Run, and say in one line what was refused."""
    try:
        app()
    except (NameRefused, RequestRefused, FileExistsError) as error:
        typer.echo(f"refused: {error}", err=True)
        raise SystemExit(2) from None
    except FileNotFoundError as error:
        typer.echo(f"no such file: {error.filename}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
