from kit.media.links import AGENT_LATE_S, KERNEL_LATE_S, Tidings


def test_what_kernel_and_agent_both_tell_is_one_change() -> None:
    tidings = Tidings()
    assert tidings.from_kernel(10.0)
    assert not tidings.from_agent(14.9)
    assert tidings.from_agent(30.0)
    assert not tidings.from_kernel(30.3)


def test_each_change_that_one_of_them_tells_is_news() -> None:
    tidings = Tidings()
    assert tidings.from_agent(1.0)
    assert tidings.from_agent(2.0)
    assert tidings.from_kernel(2.0 + KERNEL_LATE_S + 0.1)
    assert tidings.from_kernel(5.0)
    assert tidings.from_agent(5.0 + AGENT_LATE_S + 0.1)
