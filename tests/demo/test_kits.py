from pathlib import Path

from demo.kits import KIT_IDS, SPARE, VISITING, configuration, make, prepare
from demo.layout import Layout
from demo.ports import USUAL
from demo.screens import Screen
from demo.servers import room_service
from demo.sound import SoundServer
from kit import config
from kit.meeting import testroom
from provisioning.site import Identity


def identity(folder: Path) -> Identity:
    return Identity(ca=folder / "ca.pem", certificate=folder / "certificate.pem", key=folder / "key.pem")


def test_the_kit_reads_what_the_demo_writes(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, run=tmp_path / "run")
    layout.run.mkdir()
    sound = SoundServer(folder=layout.run)
    for kit_id in KIT_IDS:
        kit = make(kit_id, layout, Screen(display=":99", virtual=True), sound)
        prepare(kit, identity(tmp_path), USUAL)
        read = config.load(kit.config)
        assert read.kit_id == kit_id
        assert read.run_dir == kit.run_dir
        assert read.run_dir.is_dir()
        assert read.state_dir.is_dir()
        assert read.meeting.allowed_hosts == (f"localhost:{USUAL.room_tls}",)
        assert read.broker.key == tmp_path / "key.pem"
        assert read.loopback_media
        assert read.meeting.registration is not None
        assert read.meeting.registration.alias == kit.alias
        assert kit.password_file.stat().st_mode & 0o077 == 0


def test_paths_with_signs_of_all_kinds_survive(tmp_path: Path) -> None:
    folder = tmp_path / 'hem"besök \\ x'
    folder.mkdir()
    layout = Layout(root=folder, run=folder)
    kit = make(VISITING, layout, Screen(display=":99", virtual=True), SoundServer(folder=folder))
    (tmp_path / "kit.toml").write_text(configuration(kit, identity(folder), USUAL))
    assert config.load(tmp_path / "kit.toml").run_dir == folder / VISITING


def test_each_kit_has_a_speaker_and_a_microphone_of_its_own(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, run=tmp_path)
    sound = SoundServer(folder=tmp_path)
    devices = []
    for kit_id in (VISITING, SPARE):
        kit = make(kit_id, layout, Screen(display=":99", virtual=True), sound)
        engine = next(service for service in kit.services() if service.name == f"{kit_id}-engine")
        devices += [engine.env["PULSE_SINK"], engine.env["PULSE_SOURCE"]]
    assert len(set(devices)) == 4


def test_each_kit_is_a_device_of_its_own_in_the_room(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, run=tmp_path)
    layout.fleet.mkdir()
    screen = Screen(display=":99", virtual=True)
    kits = [make(kit_id, layout, screen, SoundServer(folder=tmp_path)) for kit_id in KIT_IDS]
    room_service(layout, identity(tmp_path), USUAL, kits)
    read = testroom.load(layout.fleet / "rooms.toml")
    assert [device.alias for device in read.devices] == ["enhet-01", "enhet-02", "enhet-03"]
    assert [device.password for device in read.devices] == [kit.registration for kit in kits]
    assert len({device.password for device in read.devices}) == len(kits)
    assert any(room.providers for room in read.rooms)
