"""From readings to a report that the contract takes, whatever the sensors say."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fleet.contract import Health, Report, decode_report, encode
from kit.health import sample
from kit.health.counters import Counters
from kit.health.words import LinkFound, Seen
from kit.hw.machine import Machine
from kit.hw.power import BatteryState, ChargerState, Power
from kit.hw.readings import Readings
from kit.hw.storage import Storage
from kit.hw.thermal import Thermal
from kit.ipc.call import Quality
from kit.ipc.network import LinkFigures, Mobile, Registration, Signal, SimState, Technology, Uplink, Verdict
from kit.ipc.state import Condition, Device
from kit.network.uplink import Link

numbers = st.one_of(st.none(), st.floats(), st.integers(-(10**12), 10**12))
measured = (
    "send_fps",
    "receive_fps",
    "send_kbps",
    "receive_kbps",
    "round_trip_ms",
    "concealed_percent",
    "jitter_buffer_ms",
    "packets_lost_percent",
    "available_kbps",
    "encode_ms",
)
qualities = st.builds(Quality, **dict.fromkeys(measured, numbers), freeze_count=st.integers(-5, 10**9))
devices = st.builds(
    Device, condition=st.sampled_from(Condition), label=st.text(max_size=64), simulated=st.booleans()
)
seen = st.builds(
    Seen,
    visit=st.booleans(),
    camera=devices,
    microphone=devices,
    speaker=devices,
    mobile=st.none()
    | st.builds(
        Mobile,
        sim=st.sampled_from(SimState),
        registration=st.sampled_from(Registration),
        technology=st.sampled_from(Technology),
        signal=st.sampled_from(Signal),
        used_mb=st.integers(0, 10_000_000),
        budget_mb=st.integers(0, 10_000_000),
    ),
    link_tests=st.lists(
        st.builds(
            LinkFound,
            uplink=st.sampled_from(Uplink),
            verdict=st.sampled_from(Verdict),
            # The wall clock may be set back between a test and a report.
            age_s=st.floats(-1e6, 1e9),
            figures=st.none()
            | st.builds(
                LinkFigures,
                up_kbps=st.integers(0, 1_000_000),
                loss_percent=st.floats(0, 100),
                longest_gap_ms=st.integers(0, 600_000),
            ),
        ),
        max_size=4,
    ).map(tuple),
    encoder=st.text(max_size=64),
    encoder_ms=numbers,
    encoder_cpu=numbers,
    quality=st.one_of(st.none(), qualities),
)
readings = st.builds(
    Readings,
    power=st.builds(
        Power,
        battery=st.sampled_from(BatteryState),
        percent=st.one_of(st.none(), st.integers(0, 100)),
        charger=st.sampled_from(ChargerState),
    ),
    thermal=st.builds(Thermal, celsius=st.one_of(st.none(), st.floats(-40, 150))),
    machine=st.builds(Machine, load=st.one_of(st.none(), st.floats(0, 1e6)), uptime_s=st.just(1.0)),
    storage=st.one_of(st.none(), st.builds(Storage, free_mb=st.just(1), total_mb=st.just(2))),
    link=st.builds(Link, uplink=st.sampled_from(Uplink)),
)


def report(readings: Readings, seen: Seen) -> Health:
    return sample.health(readings, seen, software="1.0", outbox_depth=3, refused={"pin_wrong": 2})


@given(readings, seen)
def test_every_sample_fits_the_contract(readings: Readings, seen: Seen) -> None:
    body = report(readings, seen)
    sent = Report(kit="kit-0001", stream="0" * 32, seq=1, at=1, body=body)
    assert decode_report(encode(sent)).body == body


def test_a_machine_without_a_battery_reports_none() -> None:
    assert report(Readings(), Seen()).battery is None


def test_a_missing_device_is_a_state_with_a_name() -> None:
    missing = report(Readings(), Seen(camera=Device(condition=Condition.MISSING))).camera
    assert missing is not None
    assert missing.state == "missing"


def test_a_simulated_device_says_so_unless_it_fails() -> None:
    works = Device(condition=Condition.OK, simulated=True)
    fails = Device(condition=Condition.BAD, simulated=True)
    health = report(Readings(), Seen(camera=works, microphone=fails))
    assert health.camera is not None
    assert health.microphone is not None
    assert (health.camera.state, health.microphone.state) == ("simulated", "failed")


def test_what_the_encoder_was_measured_to_cost_is_told() -> None:
    told = report(Readings(), Seen(encoder="libx264", encoder_ms=3.4, encoder_cpu=0.1))
    assert (told.encoder_ms, told.encoder_cpu) == (3.4, 0.1)


def test_in_a_call_the_encoder_in_use_is_told_and_what_it_takes_there() -> None:
    chosen = Seen(encoder="h264_vaapi", encoder_ms=3.4, encoder_cpu=0.1)
    well = report(Readings(), replace(chosen, quality=Quality(encoder="h264_vaapi", encode_ms=5.0)))
    assert (well.encoder, well.encoder_ms, well.encoder_cpu) == ("h264_vaapi", 5.0, 0.1)
    fallen = report(Readings(), replace(chosen, quality=Quality(encoder="libx264", encode_ms=9.0)))
    assert (fallen.encoder, fallen.encoder_ms, fallen.encoder_cpu) == ("libx264", 9.0, None)
    beginning = report(Readings(), replace(chosen, quality=Quality()))
    assert (beginning.encoder, beginning.encoder_ms) == ("h264_vaapi", 3.4)


def test_what_devices_lost_and_the_network_should_not_have_sent_is_told() -> None:
    told = report(Readings(), Seen(quality=Quality(xruns=3, damaged_pictures=2, refused_packets=700)))
    assert told.call is not None
    assert (told.call.xruns, told.call.damaged_pictures, told.call.refused_packets) == (3, 2, 700)


def test_a_modem_in_use_tells_what_only_its_manager_knows() -> None:
    own = Mobile(sim=SimState.READY, technology=Technology.LTE, signal=Signal.WEAK)
    carried = Readings(link=Link(uplink=Uplink.MOBILE, technology="unknown"))
    told = report(carried, Seen(mobile=own)).uplink
    assert told is not None
    assert (told.technology, told.signal) == ("4g", "weak")
    by_cable = report(Readings(link=Link(uplink=Uplink.CABLE, technology="ethernet")), Seen(mobile=own))
    assert by_cable.uplink is not None
    assert (by_cable.uplink.technology, by_cable.uplink.signal) == ("ethernet", None)
    assert by_cable.mobile is not None


def test_an_encoders_name_becomes_a_code() -> None:
    names = ("libx264", "H264 (V4L2 M2M)", "h264_vaapi", "", "2026", "Ä")
    codes = [report(Readings(), Seen(encoder=name)).encoder for name in names]
    assert codes == ["libx264", "h264_v4l2_m2m", "h264_vaapi", None, None, None]


def test_what_matters_is_told_at_once_and_noise_is_not() -> None:
    quiet = Readings(thermal=Thermal(celsius=40))
    assert sample.salient(report(quiet, Seen())) == sample.salient(
        report(Readings(thermal=Thermal(celsius=41)), Seen())
    )
    for changed in (
        Seen(visit=True),
        Seen(encoder="h264_vaapi"),
        Seen(speaker=Device(condition=Condition.BAD)),
        Seen(quality=Quality()),
        Seen(mobile=Mobile(sim=SimState.MISSING)),
    ):
        assert sample.salient(report(quiet, changed)) != sample.salient(report(quiet, Seen()))


def test_counters_take_codes_only_and_stay_within_the_contract() -> None:
    counters = Counters()
    for number in range(100):
        counters.count(f"code_{number}")
    counters.count("Namn Namnsson")
    counters.count("code_0", 4)
    counters.count("nothing", 0)
    counts = counters.snapshot()
    assert len(counts) == 64
    assert counts["other"] == 38
    assert counts["code_0"] == 5
    assert "nothing" not in counts
