"""Every screen, in both languages and with large type: all can be read, all can be touched."""

from collections.abc import Iterator

import pytest

from kit.ipc.state import Language
from kit.ui.route import Screen, screen_for
from tests.kit.ui.checks import problems
from tests.kit.ui.driver import Driver, driver
from tests.kit.ui.gallery import stage
from tests.kit.ui.scenes import SCENES
from tests.kit.ui.states import Scene


@pytest.fixture(scope="module", params=[1.0, 1.3], ids=lambda scale: f"type-{scale}")
def sized(request: pytest.FixtureRequest, window: Driver) -> Iterator[Driver]:
    """The window, with normal and with large type."""
    if request.param == 1.0:
        yield window
        return
    with driver(request.param) as hands:
        yield hands


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_screen_can_be_read_and_touched(sized: Driver, scene: Scene) -> None:
    for language in Language:
        stage(sized, scene, language)
        assert problems(sized.root) == [], language


def test_there_is_a_scene_for_every_screen() -> None:
    assert {screen_for(scene.state) for scene in SCENES} == set(Screen)
