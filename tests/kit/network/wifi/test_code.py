"""The QR code of a network: every form that is printed, and every one that is damaged."""

import pytest

from kit.ipc.network import WifiTrouble
from kit.network.wifi.code import MAX_TEXT, WifiCode, read
from kit.network.wifi.names import Name
from kit.network.wifi.secrets import Secret


def code(name: str, secret: str | None = None, *, hidden: bool = False) -> WifiCode:
    return WifiCode(name=Name(name.encode()), secret=Secret(secret) if secret else None, hidden=hidden)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("WIFI:T:WPA;S:Hemma;P:password;;", code("Hemma", "password")),
        ("WIFI:S:Hemma;T:WPA;P:password;H:true;;", code("Hemma", "password", hidden=True)),
        ("WIFI:T:WPA;S:Hemma;P:password;H:false;;", code("Hemma", "password")),
        ("WIFI:T:WPA;S:Hemma;P:password;H:;;", code("Hemma", "password")),
        ("wifi:t:wpa2;s:Hemma;p:password;;", code("Hemma", "password")),
        ("WIFI:T:SAE;S:Hemma;P:kort;;", code("Hemma", "kort")),
        ("WIFI:T:WPA;R:1;S:Hemma;P:password;K:MDk=;;", code("Hemma", "password")),
        ("WIFI:T:WPA;S:Hemma;P:password", code("Hemma", "password")),
        ("  WIFI:T:WPA;S:Hemma;P:password;;\r\n", code("Hemma", "password")),
        (r"WIFI:T:WPA;S:a\;b\,c\:d\\e\"f;P:pass\;word\\;;", code('a;b,c:d\\e"f', "pass;word\\")),
        ('WIFI:T:WPA;S:"ABCD";P:"0123456789";;', code("ABCD", "0123456789")),
        (r"WIFI:T:WPA;S:\"ABCD\";P:password;;", code('"ABCD"', "password")),
        (r'WIFI:T:WPA;S:"ABCD\";P:password;;', code('"ABCD"', "password")),
        ("WIFI:T:WPA;S:50%41 a:b;P:100%25 a:b;;", code("50%41 a:b", "100%25 a:b")),
        ("WIFI:T:nopass;S:Gäst;;", code("Gäst")),
        ("WIFI:T:nopass;S:Gäst;P:;;", code("Gäst")),
        ("WIFI:T:nopass;S:Gäst;P:whatever;;", code("Gäst")),
        ("WIFI:S:Gäst;;", code("Gäst")),
        ("WIFI:S:Hemma;P:password;;", code("Hemma", "password")),
        ("WIFI:T:WPA;X:1;X:2;S:Hemma;P:password;;", code("Hemma", "password")),
        ("WIFI:T:WPA;S:Hemma;P:" + "0123456789abcdef" * 4 + ";;", code("Hemma", "0123456789abcdef" * 4)),
        ("WIFI:T:WPA;S: Hemma ;P: password ;;", code(" Hemma ", " password ")),
    ],
)
def test_what_routers_print_is_read(text: str, meant: WifiCode) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", WifiTrouble.CODE_INVALID),
        ("https://meet.region.test/", WifiTrouble.CODE_INVALID),
        ("WIFI", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;S:Hemma;P:password\\", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;S:Hemma;S:Annan;P:password;;", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;S:Hemma;P:password;P:password;;", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;Hemma;P:password;;", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;S:Hemma;;", WifiTrouble.CODE_INVALID),
        ("WIFI:T:HEMLIGT;S:Hemma;P:password;;", WifiTrouble.CODE_INVALID),
        ("WIFI:T:WPA;S:" + "x" * 10_000 + ";P:password;;", WifiTrouble.CODE_INVALID),
        ("x" * (MAX_TEXT + 1), WifiTrouble.CODE_INVALID),
        ("WIFI:;;", WifiTrouble.NAME_FORM),
        ("WIFI:T:WPA;S:;P:password;;", WifiTrouble.NAME_FORM),
        ("WIFI:T:WPA;S:" + "å" * 17 + ";P:password;;", WifiTrouble.NAME_FORM),
        ("WIFI:T:WPA;S:\ud800;P:password;;", WifiTrouble.NAME_FORM),
        ("WIFI:T:WPA;S:Hemma;P:pass\nword;;", WifiTrouble.KEY_FORM),
        ("WIFI:T:WEP;S:Hemma;P:abcde;;", WifiTrouble.NOT_SUPPORTED),
        ("WIFI:T:WPA2-EAP;S:Jobb;E:PEAP;I:namn;P:password;;", WifiTrouble.NOT_SUPPORTED),
        ("WIFI:T:WPA;S:Jobb;E:TTLS;P:password;;", WifiTrouble.NOT_SUPPORTED),
    ],
)
def test_what_cannot_be_joined_is_said(text: str, trouble: WifiTrouble) -> None:
    assert read(text) is trouble


def test_a_code_is_in_no_repr() -> None:
    assert "kanarie" not in repr(read("WIFI:T:WPA;S:kanarie-nät;P:kanarie-hemlig;;"))
