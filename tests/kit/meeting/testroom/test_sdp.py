import pytest

from kit.meeting.testroom.media import sdp

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=content:main",
        "a=ice-ufrag:AbCd",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "a=content:main",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:2",
        "a=content:slides",
        "a=inactive",
        "",
    ]
)


def test_the_lines_of_an_offer_are_known_by_kind_mid_and_content() -> None:
    assert sdp.sections(OFFER) == [
        sdp.Section("audio", "0", "main"),
        sdp.Section("video", "1", "main"),
        sdp.Section("video", "2", "slides"),
    ]


def test_the_ice_generation_is_its_ufrag() -> None:
    assert sdp.ufrag(OFFER) == "AbCd"
    assert sdp.ufrag("v=0\r\n") == ""


def test_an_answer_is_given_the_labels_of_the_offer_and_a_bandwidth() -> None:
    answer = OFFER.replace("a=content:main\r\n", "").replace("a=content:slides\r\n", "")
    dressed = sdp.dress(answer, sdp.sections(OFFER), 1_200_000)
    assert sdp.sections(dressed) == sdp.sections(OFFER)
    assert dressed.count("b=TIAS:1200000") == 2
    audio, first, _ = (part.split("\r\n") for part in dressed.split("m=")[1:])
    assert not any(line.startswith("b=") for line in audio)
    assert first[1:3] == ["c=IN IP4 0.0.0.0", "b=TIAS:1200000"]
    assert first[first.index("a=mid:1") + 1] == "a=content:main"
    assert dressed.endswith("\r\n")


def test_a_line_without_a_label_gets_none() -> None:
    plain = OFFER.replace("a=content:main\r\n", "")
    assert "a=content:main" not in sdp.dress(plain, sdp.sections(plain), 1)


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "v=0\r\n",
        OFFER.replace("a=mid:1", "a=mid:0"),
        OFFER.replace("a=mid:2\r\n", ""),
        OFFER.replace("BUNDLE 0 1 2", "BUNDLE 9 0 1 2"),
        "v=0\r\n" + "".join(f"m=audio 9 x 0\r\na=mid:{n}\r\n" for n in range(9)),
    ],
)
def test_offers_without_usable_lines_are_refused(offer: str) -> None:
    with pytest.raises(ValueError):
        sdp.sections(offer)
