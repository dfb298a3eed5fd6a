"""The dashboard in Chromium, with a broker, ingest and kits on the wire: everything that changes is seen
without reload.
"""

from __future__ import annotations

import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from fleet.contract import Fault
from fleet.store import Store
from tests.fleet.samples import WELL
from tests.peers.fleet.support import Kit, Program, reachable, wait_for

STATIC = Path("build/fleet-static")
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOON_MS = 30_000

StartKit = Callable[..., Kit]


@pytest.fixture
def address(tmp_path: Path, store: Store, free_port: Callable[[], int]) -> Iterator[str]:
    """The running dashboard."""
    assert STATIC.is_dir(), "run `make setup`, or `npm ci` and `npm run build` in fleet/web"
    port = free_port()
    command = [sys.executable, "-m", "fleet.web", "--listen", f"127.0.0.1:{port}", "--database", store.url]
    dashboard = Program(tmp_path, "dashboard", *command, "--static", str(STATIC))
    dashboard.start()
    wait_for(lambda: reachable(port))
    yield f"http://127.0.0.1:{port}"
    dashboard.stop()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """The overview in a browser. The test fails when the browser complains about anything."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        result = browser.new_page(viewport={"width": 1440, "height": 1000})
        result.on("console", listen)
        result.on("pageerror", lambda error: complaints.append(str(error)))
        result.goto(address)
        yield result
        browser.close()
    assert complaints == []


def never_reloaded(page: Page) -> bool:
    """True while the document is the one that `mark` was set in."""
    return bool(page.evaluate("window.mark === true"))


def test_kits_come_go_and_fall_ill_before_ones_eyes(page: Page, taker: Program, kit: StartKit) -> None:
    page.evaluate("window.mark = true")
    row = page.locator("#row-kit-0003")
    expect(row).to_contain_text("Aldrig hörd")
    sender = kit("kit-0003")
    sender.report(WELL)
    expect(row).to_contain_text("Mår bra", timeout=SOON_MS)
    expect(row).to_contain_text("87 %")
    sender.stop()
    expect(row).to_contain_text("Tappade förbindelsen", timeout=SOON_MS)
    expect(page.locator("#count-silent")).to_contain_text("1")
    assert never_reloaded(page)


def test_from_fault_to_swapped_and_back_by_clicks(page: Page, taker: Program, kit: StartKit) -> None:
    old, new = kit("kit-0001"), kit("kit-0002")
    for sender in (old, new):
        sender.report(WELL)
    expect(page.locator("#row-kit-0002")).to_contain_text("Mår bra", timeout=SOON_MS)
    old.report(Fault(local_id=uuid.uuid4().hex, category="picture", text="Bilden är svart", facts=WELL))
    page.locator("#row-kit-0001 >> text=Ärende 1").click(timeout=SOON_MS)
    page.get_by_role("link", name="Byt till kit-0002").click()
    page.get_by_role("button", name="Ja, byt till kit-0002").click()
    page.evaluate("window.mark = true")

    expect(page.locator("#swap")).to_have_attribute("data-state", "swapped", timeout=SOON_MS)
    expect(page.locator("li.done[data-step=new_applied]")).to_be_visible()
    expect(page.locator("li.done[data-step=old_applied]")).to_be_visible()
    assert 0 < float(page.locator("#measured b").get_attribute("data-seconds") or 0) < 60
    assert never_reloaded(page)
    assert new.desired is not None
    assert new.desired.unit_name == "Enhet 01"
    assert old.desired is not None
    assert old.desired.locked is not None
    assert old.case is not None
    assert (old.case.state, old.case.replacement) == ("swapped", "kit-0002")

    page.get_by_role("link", name="Ångra bytet").click()
    page.get_by_role("button", name="Ja, ångra bytet").click()
    expect(page.locator("#swap")).to_have_attribute("data-state", "undone")
    wait_for(lambda: old.desired is not None and old.desired.locked is None)


def test_it_says_when_the_fleet_itself_does_not_hear(page: Page, taker: Program, kit: StartKit) -> None:
    sender = kit("kit-0001")
    sender.report(WELL)
    row, notice = page.locator("#row-kit-0001"), page.locator(".notice.bad")
    expect(row).to_contain_text("Mår bra", timeout=SOON_MS)
    expect(notice).to_have_count(0)
    taker.end(signal.SIGKILL)
    expect(notice).to_contain_text("Flottan hör inte enheterna just nu", timeout=SOON_MS)
    expect(row).to_contain_text("Mår bra")
    taker.start()
    expect(notice).to_have_count(0, timeout=SOON_MS)


def test_the_charts_of_a_kit_are_drawn_and_follow_new_samples(
    page: Page, taker: Program, kit: StartKit
) -> None:
    sender = kit("kit-0001")
    for _ in range(5):
        sender.report(WELL)
    expect(page.locator("#row-kit-0001")).to_contain_text("87 %", timeout=SOON_MS)
    page.locator("#row-kit-0001 a").first.click()
    expect(page.locator("[data-chart=battery] canvas")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("[data-chart=battery] .u-legend")).to_contain_text("87")
    expect(page.locator("[data-chart=fps] .none")).to_be_visible()
    page.get_by_role("button", name="14 dygn").click()
    expect(page.get_by_role("button", name="14 dygn")).to_have_attribute("aria-pressed", "true")


def test_it_can_be_used_by_keyboard_alone(page: Page, address: str) -> None:
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.get_by_label("Kommun").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**kommun=norr**")
    expect(page.locator("#kits tbody tr")).to_have_count(2)


def test_a_meeting_is_sent_and_seen_to_arrive_without_reload(
    page: Page, address: str, taker: Program, kit: StartKit
) -> None:
    page.goto(f"{address}/skicka")
    page.get_by_label("Enhet").select_option("kit-0001")
    page.get_by_label("Möteslänk").fill("https://meet.example/webapp/m/sip")
    page.get_by_label("PIN-kod").fill("8642")
    page.keyboard.press("Enter")
    row = page.locator("#moten li")
    expect(row).to_contain_text("Enheten är tyst")
    page.evaluate("window.mark = true")
    page.get_by_label("Möteslänk").fill("https://half-typed")
    sender = kit("kit-0001")
    expect(row).to_contain_text("Enheten har mötet", timeout=SOON_MS)
    assert page.get_by_label("Möteslänk").input_value() == "https://half-typed"
    assert never_reloaded(page)
    page.get_by_role("link", name="Ta bort mötet").click()
    page.get_by_role("button", name="Ja, ta bort mötet").click()
    expect(page.locator("#moten")).to_contain_text("Inga möten")
    wait_for(lambda: sender.desired is not None and sender.desired.meetings == [])
