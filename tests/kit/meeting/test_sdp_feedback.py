from kit.meeting.sdp_feedback import ask_for_sound_again

ANSWER = (
    "v=0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
)


def test_sound_is_asked_for_again_and_nothing_else_changes() -> None:
    asked = ask_for_sound_again(ANSWER)
    assert asked.replace("a=rtcp-fb:111 nack\r\n", "", 1) == ANSWER
    sound = asked[: asked.index("m=video")]
    assert "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n" in sound


def test_each_line_of_sound_asks_and_none_asks_twice() -> None:
    twice = ANSWER + ANSWER[ANSWER.index("m=audio") :].replace("111", "97")
    asked = ask_for_sound_again(ask_for_sound_again(twice))
    assert asked.count("a=rtcp-fb:111 nack\r\n") == 1
    assert asked.count("a=rtcp-fb:97 nack\r\n") == 1


def test_an_answer_without_sound_stays() -> None:
    pictures = ANSWER[ANSWER.index("m=video") :]
    assert ask_for_sound_again(pictures) == pictures
