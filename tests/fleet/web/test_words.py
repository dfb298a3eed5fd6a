"""Every code has its Swedish words, and they can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from fleet.alarms import Level, findings
from fleet.alarms.findings import Finding, FindingCode
from fleet.contract import Battery, Device, Health, Mobile, limits
from fleet.contract.codec import RefusalCode
from fleet.presence import Why
from fleet.presence import Word as PresenceWord
from fleet.store.swaps import SwapProblem
from fleet.swap import Step, SwapState
from fleet.swap.propose import ReasonCode
from fleet.web import problem, say, words

WEB = Path("fleet/web")
NOW = 1_795_000_000_000


def codes(*types: Any) -> set[str]:
    """All words of literal types, also when they are nested."""
    found: set[str] = set()
    for kind in types:
        for argument in get_args(kind):
            found |= {argument} if isinstance(argument, str) else codes(argument)
    return found


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (words.LEVELS, Level),
        (words.PRESENCE, PresenceWord),
        (words.WHY, Why),
        (words.CATEGORIES, limits.FaultCategory),
        (words.CASE_STATES, limits.CaseState),
        (words.SWAP_STEPS, Step),
        (words.DEVICES, limits.DeviceState),
        (words.PARTS, limits.PackagePart),
        (words.UPLINKS, limits.UplinkKind),
        (words.LINK_VERDICTS, limits.LinkVerdict),
        (words.SIGNALS, limits.Signal),
        (words.SIGNAL_ICONS, limits.Signal),
        (words.SIMS, limits.SimState),
        (words.REGISTRATIONS, limits.Registration),
        (words.AGREEMENTS, limits.Agreement),
        (words.REASONS, ReasonCode),
        (words.REFUSALS, RefusalCode),
        (problem.TEXTS, SwapProblem),
    ],
)
def test_every_code_has_words(table: dict[str, object], kind: Any) -> None:
    assert codes(kind) <= table.keys()


def test_every_state_of_a_swap_that_is_shown_has_words() -> None:
    assert codes(SwapState) - {"proposed"} <= words.SWAP_STATES.keys()


def test_every_finding_is_a_sentence() -> None:
    for code in codes(FindingCode):
        assert len(words.finding(Finding(code, "ill", 5.0, "missing"))) > 5  # type: ignore[arg-type]


def test_every_icon_that_is_named_is_built() -> None:
    built = set(json.loads((WEB / "icons.json").read_text()))
    named = set(
        re.findall(r'ui\.icon\("([a-z0-9-]+)"', "".join(p.read_text() for p in WEB.glob("templates/*.html")))
    )
    tables = [t for t in vars(words).values() if isinstance(t, dict)]
    named |= {word.icon for table in tables for word in table.values() if isinstance(word, words.Word)}
    assert named <= built


def test_a_finding_says_the_number() -> None:
    (found,) = findings(Health(battery=Battery(percent=7, charging=False)))
    assert words.finding(found) == "Batteriet är nästan slut, 7 %, och laddas inte"
    (found,) = findings(Health(guard="failed"))
    assert words.finding(found).startswith("Nätskyddet kan inte ställa in brandväggen.")
    (found,) = findings(Health(microphone=Device(state="silent")))
    assert words.finding(found) == "Mikrofonen ger inget ljud"


@pytest.mark.parametrize(
    ("mobile", "said", "tone"),
    [
        (Mobile(sim="puk_needed"), "SIM-kortet är låst", "bad"),
        (Mobile(sim="ready", registration="searching"), "Söker nät", "warn"),
        (Mobile(sim="ready", registration="home", technology="4g", signal="good"), "4G, bra signal", "good"),
        (Mobile(sim="ready", registration="home", technology="3g", signal="weak"), "3G, svag signal", "warn"),
        (
            Mobile(sim="ready", registration="roaming", technology="unknown", signal="fair"),
            "Främmande nät, okej signal",
            "warn",
        ),
    ],
)
def test_mobile_broadband_is_said_by_what_hinders_it_or_else_by_its_signal(
    mobile: Mobile, said: str, tone: str
) -> None:
    assert (say.mobile(mobile).text, say.mobile(mobile).tone) == (said, tone)


@pytest.mark.parametrize("sim", sorted(codes(limits.SimState)))
@pytest.mark.parametrize("registration", sorted(codes(limits.Registration)))
def test_every_state_of_mobile_broadband_has_words(sim: Any, registration: Any) -> None:
    for technology in codes(limits.Technology):
        for signal in codes(limits.Signal):
            fields: Any = {"technology": technology, "signal": signal}
            assert say.mobile(Mobile(sim=sim, registration=registration, **fields)).text


@pytest.mark.parametrize(
    ("used", "budget", "said"), [(640, 0, "640 MB"), (1250, 0, "1,2 GB"), (1250, 20_000, "1,2 av 20 GB")]
)
def test_data_is_said_in_the_unit_that_is_bought(used: int, budget: int, said: str) -> None:
    assert say.data_use(Mobile(sim="ready", used_mb=used, budget_mb=budget)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4.2, "4 s"), (130, "2 min 10 s"), (1900, "31 min"), (11_100, "3 tim 5 min"), (400_000, "4 dygn")],
)
def test_lengths_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert say.duration(seconds) == said


def test_times_name_the_day_only_when_it_is_another() -> None:
    assert say.clock(NOW, NOW) == "12:06"
    assert say.clock(NOW - 86_400_000, NOW) == "17 nov 12:06"
    assert say.clock(NOW - 400 * 86_400_000, NOW).startswith("14 okt 2025")
    assert say.clock(None, NOW) == "–"
    assert say.ago(NOW - 5000, NOW) == "nyss"
    assert say.kronor(24_000) == "24\u00a0000\u00a0kr"


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_is_at_least_seven_to_one_against_its_ground() -> None:
    css = (WEB / "assets/app.css").read_text()
    tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))
    grounds = {
        "ink": ("paper", "card", "warn-card", "bad-card"),
        "soft": ("paper", "card"),
        "rest": ("paper", "card"),
        "good": ("paper", "card"),
        "warn": ("card", "warn-card"),
        "bad": ("card", "bad-card"),
        "action": ("card", "paper"),
        "action-ink": ("action",),
    }
    for text, behind in grounds.items():
        for ground in behind:
            light, dark = sorted((luminance(tokens[text]), luminance(tokens[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 7, (text, ground)
