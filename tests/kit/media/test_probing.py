from kit.media.probing import reasonable_bps


def test_what_is_worth_sending_grows_with_the_picture_within_bounds() -> None:
    assert reasonable_bps(160, 90, 5) == 300_000
    assert 300_000 < reasonable_bps(640, 360, 30) < reasonable_bps(1280, 720, 30) == 2_000_000
