import numpy as np
import pytest

from kit.meeting.testroom.media.mixer import (
    RATE,
    STEP,
    Limiter,
    Mixer,
    Samples,
    dbfs,
    from_pcm,
)


def tone(hertz: float, step: int, level: float = 0.3) -> Samples:
    at = (np.arange(STEP) + step * STEP) / RATE
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def strength(sound: Samples, hertz: float) -> float:
    """Amplitude of one frequency."""
    at = np.arange(len(sound)) / RATE
    return float(2 * np.abs(np.mean(sound * np.exp(-2j * np.pi * hertz * at))))


def run(mixer: Mixer, voices: dict[str, float], steps: int, **how: set[str]) -> dict[str, Samples]:
    """Let each voice say a tone into everybody's ears; what each heard after the start."""
    heard: dict[str, list[Samples]] = {uuid: [] for uuid in voices}
    audience = {uuid: set(voices) - {uuid} for uuid in voices}
    for step in range(steps):
        said = {uuid: tone(hertz, step) for uuid, hertz in voices.items()}
        for uuid, pcm in mixer.tick(said, how.get("silent", set()), audience).items():
            heard[uuid].append(from_pcm(pcm))
    return {uuid: np.concatenate(parts[5:]) for uuid, parts in heard.items()}


def test_everyone_hears_the_others_and_not_itself() -> None:
    heard = run(Mixer(), {"a": 300, "b": 500, "c": 700}, 30)
    assert strength(heard["a"], 500) == pytest.approx(0.3, abs=0.02)
    assert strength(heard["a"], 700) == pytest.approx(0.3, abs=0.02)
    assert strength(heard["a"], 300) < 0.005


def test_who_is_muted_is_heard_by_nobody() -> None:
    heard = run(Mixer(), {"a": 300, "b": 500}, 30, silent={"b"})
    assert dbfs(heard["a"]) == -100
    assert strength(heard["b"], 300) == pytest.approx(0.3, abs=0.02)


def test_a_steady_stream_passes_without_a_seam() -> None:
    heard = run(Mixer(), {"a": 440, "b": 440}, 60)["a"]
    jumps = np.abs(np.diff(heard))
    assert jumps.max() <= 0.3 * 2 * np.pi * 440 / RATE * 1.05


def test_many_loud_voices_do_not_clip_nor_click() -> None:
    mixer = Mixer()
    names = {str(n) for n in range(6)}
    heard = []
    for step in range(100):
        said = {name: tone(200 + 37 * int(name), step, level=0.7) for name in names}
        heard.append(from_pcm(mixer.tick(said, set(), {"ear": names})["ear"]))
    sound = np.concatenate(heard[5:])
    assert np.abs(sound).max() <= 0.95
    assert dbfs(sound) > -20
    assert np.abs(np.diff(sound)).max() < 0.25


def test_the_limiter_leaves_quiet_sound_alone_and_recovers() -> None:
    limiter = Limiter()
    quiet = tone(300, 0, 0.2)
    assert limiter.apply(quiet) is quiet
    assert np.abs(limiter.apply(tone(300, 1, 3.0))).max() <= Limiter.CEILING + 1e-6
    for step in range(40):
        last = limiter.apply(tone(300, step, 0.2))
    assert np.abs(last).max() == pytest.approx(0.2, abs=0.002)


def test_level_is_root_mean_square_below_full_scale() -> None:
    assert dbfs(np.zeros(STEP, np.float32)) == -100
    assert dbfs(np.ones(STEP, np.float32)) == pytest.approx(0)
    assert dbfs(tone(300, 0, 1.0)) == pytest.approx(-3.01, abs=0.1)


def test_who_left_is_forgotten() -> None:
    mixer = Mixer()
    run(mixer, {"a": 300, "b": 500}, 10)
    mixer.forget("b")
    mixer.forget("b")
    mixer.tick({"a": None}, set(), {})
    assert set(mixer.levels) == {"a"}
