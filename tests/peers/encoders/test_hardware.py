"""The contract on hardware, where there is any; without it each kind is skipped, and says why."""

from collections.abc import Iterator

import pytest

from kit.media.encoders.interface import EncoderFailed
from kit.media.encoders.kinds import KINDS, Kind
from kit.media.encoders.probe import probe
from tests.kit.media.encoders.contract import H264Contract

HARDWARE = [kind for kind in KINDS["H264"] if kind.hardware]
LIVE = ("h264_v4l2m2m", "picamera2_h264")


def _checks() -> Iterator[tuple[str, tuple[object, ...]]]:
    """Every promise of the contract, with each set of arguments."""
    for name in (name for name in dir(H264Contract) if name.startswith("test_")):
        marks = getattr(getattr(H264Contract, name), "pytestmark", [])
        sets = [tuple(each) for mark in marks if mark.name == "parametrize" for each in mark.args[1]]
        yield from ((name, arguments) for arguments in sets or [()])


@pytest.mark.parametrize("kind", HARDWARE, ids=lambda kind: kind.name)
def test_hardware_keeps_the_contract(kind: Kind) -> None:
    try:
        probe(kind.make, "H264", 1280, 720)
    except EncoderFailed as failed:
        pytest.skip(f"{kind.name} does not encode on this machine: {failed.code}")
    contract = H264Contract()
    contract.live, contract.real_time = kind.name in LIVE, True
    for name, arguments in _checks():
        encoder = kind.make()
        try:
            getattr(contract, name)(encoder, *arguments)
        finally:
            encoder.close()


def test_the_whole_contract_is_checked() -> None:
    checks = list(_checks())
    assert ("test_a_new_rate_is_kept_within_a_fifth", (700_000, 350_000)) in checks
    assert len(checks) > 10
