import psutil

from tests.peers.network.namespace import Namespace


def test_nothing_that_ran_in_a_namespace_is_left() -> None:
    with Namespace() as namespace:
        namespace.link("cable", "192.168.7")
        namespace.network_manager()
        namespace.run("sleep 1000 >/dev/null & sleep 0.01", world=True)
        inside = namespace.processes()
        assert len(inside) == 5
    assert not [process for process in inside if psutil.pid_exists(process)]
