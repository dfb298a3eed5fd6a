import psutil

from tests.peers.network.namespace import Namespace, until


def runs(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_nothing_that_ran_in_a_namespace_is_left() -> None:
    with Namespace() as namespace:
        namespace.link("cable", "192.168.7")
        namespace.network_manager()
        namespace.run("sleep 1000 >/dev/null 2>&1 & true", world=True)
        inside = namespace.processes()
        assert len(inside) == 5
    until(lambda: not any(runs(process) for process in inside))
