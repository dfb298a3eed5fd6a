"""Networks on the screen: uplinks, the link test, and the patient's Wi-Fi in every step and trouble."""

from typing import Any

from msgspec.structs import replace

from kit.ipc.network import (
    LinkAdvice,
    LinkFigures,
    LinkTest,
    LinkVerdict,
    Mobile,
    PatientWifi,
    Registration,
    Signal,
    SimState,
    Technology,
    Uplink,
    UplinkState,
    UplinkView,
    Verdict,
    WifiNetwork,
    WifiSecurity,
    WifiStep,
    WifiTrouble,
)
from kit.ipc.state import Condition, KitState, Network, NoticeKind, Page
from kit.visit.model import CheckResult, Confirmation, Step, TidyTask
from tests.kit.ui.states import DEVICES, HOME, NOW, Scene, call, checks, portal, tidy, visit

P, F = CheckResult.PASSED, CheckResult.FAILED
CABLE = UplinkView(uplink=Uplink.CABLE, state=UplinkState.DOWN, technology=Technology.ETHERNET)
CARE = UplinkView(
    uplink=Uplink.CARE_WIFI,
    state=UplinkState.READY,
    technology=Technology.WIFI,
    signal=Signal.FAIR,
    verdict=Verdict.GOOD,
)
MODEM = UplinkView(
    uplink=Uplink.MOBILE,
    state=UplinkState.IN_USE,
    technology=Technology.LTE,
    signal=Signal.GOOD,
    metered=True,
    verdict=Verdict.FAIR,
)
MOBILE = Mobile(
    sim=SimState.READY,
    registration=Registration.HOME,
    technology=Technology.LTE,
    signal=Signal.GOOD,
    used_mb=3_400,
    budget_mb=10_000,
)
FIGURES = LinkFigures(
    up_kbps=2_100, down_kbps=4_800, round_trip_ms=62, jitter_ms=9, loss_percent=0.4, longest_gap_ms=80
)
NETWORKS = (
    WifiNetwork(number=0, label="Hemma hos oss 5 GHz", signal=Signal.GOOD),
    WifiNetwork(number=1, label="Telia-4F2A18-Gästnät med ett väldigt långt namn 🏠", signal=Signal.FAIR),
    WifiNetwork(number=2, label="Mobilen", signal=Signal.FAIR, hotspot=True),
    WifiNetwork(number=3, label="Föreningens", signal=Signal.WEAK, security=WifiSecurity.OPEN),
    WifiNetwork(number=4, label="Kontoret", signal=Signal.WEAK, security=WifiSecurity.NOT_SUPPORTED),
)


def on(state: KitState, **values: Any) -> KitState:
    """Return a snapshot with this network."""
    network = replace(state.devices.network, **values)
    return replace(state, devices=replace(state.devices, network=network))


def alone(state: KitState, **values: Any) -> KitState:
    """Return a snapshot in which nothing carries the kit, with this of the patient's Wi-Fi."""
    away = Network(condition=Condition.MISSING, patient=PatientWifi(**values))
    return replace(state, devices=replace(DEVICES, network=away))


def wifi(step: WifiStep, trouble: WifiTrouble = WifiTrouble.NONE, **values: Any) -> KitState:
    """Return a visit that is at one step of the patient's Wi-Fi."""
    return alone(checks(P, P, P, F), step=step, trouble=trouble, **values)


def carried(state: KitState, minutes: float, **values: Any) -> KitState:
    """Return a visit that the patient's Wi-Fi carries for so long yet."""
    patient = PatientWifi(step=WifiStep.ON, ends_at=NOW + 60 * minutes, **values)
    return on(state, condition=Condition.OK, uplink=Uplink.PATIENT_WIFI, patient=patient)


PAGE = replace(HOME, page=Page.NETWORK)
LINKS = on(PAGE, uplinks=(CABLE, CARE, MODEM), mobile=MOBILE)
CONFIRM = visit(Step.CONFIRM, confirmations=tuple((c, False) for c in Confirmation))
TRIED = LinkTest(uplink=Uplink.MOBILE, verdict=Verdict.GOOD, figures=FIGURES)
RUNNING = LinkTest(uplink=Uplink.MOBILE, running=True, progress=0.4)
OTHERS = (
    LinkVerdict(uplink=Uplink.CABLE, verdict=Verdict.GOOD),
    LinkVerdict(uplink=Uplink.CARE_WIFI),
)
POOR = replace(TRIED, verdict=Verdict.POOR, advice=LinkAdvice.PHONE)
_KEY: dict[str, Any] = {"chosen": NETWORKS[1].label, "networks": NETWORKS}
_KEY_TROUBLES = (WifiTrouble.KEY_WRONG, WifiTrouble.KEY_FORM)
_CHOOSE_TROUBLES = tuple(t for t in WifiTrouble if t not in (*_KEY_TROUBLES, WifiTrouble.TIME_OVER))

SCENES = (
    Scene("start-signal", on(HOME, uplinks=(CABLE, CARE, MODEM))),
    Scene(
        "start-signal-weak",
        on(HOME, condition=Condition.WARN, uplinks=(replace(MODEM, signal=Signal.WEAK),)),
    ),
    Scene("network", PAGE),
    Scene("network-links", LINKS),
    Scene(
        "network-hotspot",
        on(
            LINKS,
            uplink=Uplink.CARE_WIFI,
            uplinks=(CABLE, replace(CARE, state=UplinkState.IN_USE, hotspot=True)),
        ),
    ),
    Scene(
        "network-all",
        on(
            LINKS,
            uplink=Uplink.PATIENT_WIFI,
            region_reachable=False,
            uplinks=(
                CABLE,
                replace(CARE, state=UplinkState.FAILED),
                replace(MODEM, state=UplinkState.CONNECTING, signal=Signal.WEAK),
                UplinkView(
                    uplink=Uplink.PATIENT_WIFI, state=UplinkState.IN_USE, signal=Signal.FAIR, hotspot=True
                ),
            ),
        ),
    ),
    Scene(
        "network-card",
        on(
            LINKS,
            uplink=Uplink.CARE_WIFI,
            uplinks=(replace(CARE, state=UplinkState.IN_USE), replace(MODEM, state=UplinkState.FAILED)),
            mobile=replace(MOBILE, sim=SimState.PUK_NEEDED, used_mb=9_100),
        ),
    ),
    Scene("network-away", on(alone(PAGE), region_reachable=False)),
    Scene("network-test", on(LINKS, test=RUNNING)),
    *(
        Scene(f"network-test-{advice}", on(LINKS, test=replace(TRIED, verdict=verdict, advice=advice)))
        for verdict, advice in zip(
            (Verdict.GOOD, Verdict.FAIR, Verdict.FAIR, Verdict.POOR, Verdict.POOR, Verdict.POOR),
            LinkAdvice,
            strict=True,
        )
    ),
    Scene("network-test-unreachable", on(LINKS, test=LinkTest(uplink=Uplink.MOBILE, unreachable=True))),
    Scene("network-test-way-only", on(LINKS, test=replace(TRIED, unreachable=True))),
    Scene("network-test-others-running", on(LINKS, test=replace(RUNNING, others=OTHERS[:1]))),
    Scene(
        "network-test-others",
        on(LINKS, test=replace(TRIED, verdict=Verdict.FAIR, advice=LinkAdvice.OTHER, others=OTHERS)),
    ),
    Scene("network-test-figures", on(LINKS, test=POOR), (("details", True),)),
    Scene("prepare-test", on(checks(P, P, P, P), uplinks=(MODEM,), test=RUNNING)),
    Scene("prepare-test-behind", on(checks(P, CheckResult.UNTESTED, P, CheckResult.RUNNING), test=RUNNING)),
    Scene("prepare-test-waited-for", on(checks(P, P, P, CheckResult.RUNNING), test=RUNNING)),
    Scene("prepare-tested", on(checks(P, P, P, P), uplinks=(MODEM,), test=POOR)),
    Scene("prepare-offered", alone(checks(P, P, P, F), offered=True)),
    Scene("prepare-on-wifi", carried(checks(P, P, P, P), 118)),
    Scene("confirm-on-wifi", carried(CONFIRM, 58)),
    Scene("confirm-offered", alone(CONFIRM, offered=True)),
    Scene("waiting-offered", alone(visit(Step.WAITING), offered=True)),
    Scene("prepare-stuck", alone(checks(P, P, P, F), stuck=True)),
    Scene("call-stuck", alone(call(Step.RECONNECTING), stuck=True), remote=True),
    Scene("joining-offered", alone(visit(Step.JOINING), offered=True)),
    Scene("waiting-on-wifi", carried(visit(Step.WAITING), 4, ends_soon=True)),
    Scene("meeting-code-waits", alone(replace(HOME, page=Page.MEETING), code_waiting=True)),
    *(Scene(f"wifi-{step}", wifi(step)) for step in (WifiStep.REASON, WifiStep.CONSENT)),
    Scene("wifi-consent-given", wifi(WifiStep.CONSENT), (("consented", True),)),
    Scene("wifi-scanning", wifi(WifiStep.CHOOSE, scanning=True)),
    Scene("wifi-none", wifi(WifiStep.CHOOSE)),
    Scene("wifi-choose", wifi(WifiStep.CHOOSE, networks=NETWORKS[:3])),
    Scene("wifi-choose-others", wifi(WifiStep.CHOOSE, networks=NETWORKS[3:])),
    *(
        Scene(f"wifi-choose-{trouble}", wifi(WifiStep.CHOOSE, trouble, networks=NETWORKS[:2]))
        for trouble in _CHOOSE_TROUBLES
        if trouble is not WifiTrouble.NONE
    ),
    Scene("wifi-code", wifi(WifiStep.CHOOSE, reading_code=True), remote=True),
    Scene(
        "wifi-code-invalid",
        wifi(WifiStep.CHOOSE, WifiTrouble.CODE_INVALID, reading_code=True),
    ),
    Scene("wifi-name", wifi(WifiStep.CHOOSE, networks=NETWORKS), (("naming", True), ("draft", "Hemma"))),
    Scene(
        "wifi-name-form",
        wifi(WifiStep.CHOOSE, WifiTrouble.NAME_FORM, networks=NETWORKS),
        (("naming", True), ("draft", "Ett namn som är längre än trettiotvå tecken")),
    ),
    Scene("wifi-key", wifi(WifiStep.KEY, **_KEY), (("draft", "hem"),)),
    Scene("wifi-key-shown", wifi(WifiStep.KEY, **_KEY), (("draft", "hemligt-4711"), ("visible", True))),
    Scene("wifi-key-signs", wifi(WifiStep.KEY, **_KEY), (("draft", "hem#"), ("signs", True))),
    *(
        Scene(f"wifi-key-{trouble}", wifi(WifiStep.KEY, trouble, **_KEY), (("draft", "hemligt-471"),))
        for trouble in _KEY_TROUBLES
    ),
    Scene("wifi-joining", wifi(WifiStep.JOINING, **_KEY)),
    Scene("wifi-joining-in-call", alone(call(Step.RECONNECTING), step=WifiStep.JOINING, **_KEY)),
    Scene("wifi-removing", wifi(WifiStep.REMOVING)),
    Scene("wifi-stuck", wifi(WifiStep.REMOVING, stuck=True)),
    Scene("wifi-removed", wifi(WifiStep.REMOVED)),
    Scene("wifi-removed-time", wifi(WifiStep.REMOVED, WifiTrouble.TIME_OVER)),
    Scene("wifi-removed-lost", wifi(WifiStep.REMOVED, WifiTrouble.OUT_OF_REACH)),
    Scene("call-on-wifi", carried(call(), 74), remote=True),
    Scene("call-wifi-ends", carried(call(), 4.5, ends_soon=True), remote=True),
    Scene("call-wifi-removed", on(call(), patient=PatientWifi(step=WifiStep.REMOVED)), remote=True),
    Scene(
        "call-offered",
        replace(alone(call(Step.RECONNECTING), offered=True), notices=(NoticeKind.NETWORK_AWAY,)),
        remote=True,
    ),
    Scene("call-resume-offered", alone(call(Step.RECONNECTING, resume=True), offered=True), remote=True),
    Scene("call-weak", on(call(), uplinks=(replace(MODEM, signal=Signal.WEAK),)), remote=True),
    Scene("portal-on-wifi", carried(portal(), 74)),
    Scene("portal-wifi-ends", carried(portal(), 4, ends_soon=True)),
    Scene("tidy-wifi-used", tidy(TidyTask.WIFI, wifi_used=True)),
    Scene("tidy-wifi-stuck", alone(tidy(TidyTask.WIFI, wifi_removed=False, wifi_used=True), stuck=True)),
)
