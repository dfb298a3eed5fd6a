"""Every refusal in plain words: what is the matter, and what to do."""

from enum import StrEnum
from typing import NamedTuple

from kit.ui.catalogue import N_
from kit.visit.model import Refusal


class Call(StrEnum):
    """Whose number helps."""

    NOBODY = "nobody"
    SUPPORT = "support"
    DIAL_IN = "dial_in"
    """The meeting itself, by phone; support where the region has no dial-in."""


class Words(NamedTuple):
    """Title, what to do, and whom to call."""

    title: str
    text: str
    call: Call = Call.NOBODY


REFUSALS = {
    Refusal.LINK_INVALID: Words(
        N_("Länken går inte att använda"),
        N_("Kontrollera att hela länken kom med, eller skriv koden från inbjudan."),
    ),
    Refusal.LINK_HOST_NOT_ALLOWED: Words(
        N_("Länken leder inte till regionens möten"),
        N_("Enheten ansluter bara till godkända mötestjänster. Be den som bjöd in om en ny länk."),
    ),
    Refusal.LINK_TOO_LONG: Words(
        N_("Länken är för lång"),
        N_("Skriv koden från inbjudan i stället."),
    ),
    Refusal.LINK_SCHEME: Words(
        N_("Det här är ingen möteslänk"),
        N_("En möteslänk börjar med https://. Skriv koden från inbjudan i stället."),
    ),
    Refusal.CODE_UNKNOWN: Words(
        N_("Koden finns inte"),
        N_("Jämför med inbjudan och försök igen."),
    ),
    Refusal.CODE_PERSONAL: Words(
        N_("Det ser ut som ett personnummer"),
        N_("Skriv aldrig personnummer på enheten. Ingenting har skickats. Använd koden från inbjudan."),
    ),
    Refusal.CODE_WIFI: Words(
        N_("Det är en kod för wifi"),
        N_("Möteskoden finns i inbjudan. Vad enheten är ansluten till ser du under Nätverk."),
    ),
    Refusal.CODE_CONTACT: Words(
        N_("Det är ett visitkort"),
        N_("Visa koden från inbjudan till mötet i stället."),
    ),
    Refusal.CODE_PAYMENT: Words(
        N_("Det är en kod för betalning"),
        N_("Enheten betalar ingenting. Visa koden från inbjudan till mötet i stället."),
    ),
    Refusal.CODE_LOGIN: Words(
        N_("Det är en kod för inloggning"),
        N_("Läs den med telefonen som har BankID eller SITHS. Visa mötets kod här i stället."),
    ),
    Refusal.CODE_OTHER: Words(
        N_("Koden leder inte till något möte"),
        N_("Visa koden från inbjudan till mötet, eller skriv länken."),
    ),
    Refusal.PIN_WRONG: Words(
        N_("Fel PIN-kod"),
        N_("PIN-koden står i inbjudan. Försök igen."),
    ),
    Refusal.PIN_TRIES_USED_UP: Words(
        N_("Fel PIN-kod för många gånger"),
        N_("Ring den som bjöd in och fråga efter PIN-koden. Försök sedan igen."),
        Call.DIAL_IN,
    ),
    Refusal.ROOM_UNKNOWN: Words(
        N_("Mötesrummet finns inte"),
        N_("Jämför med inbjudan. Ring den som bjöd in om allt stämmer."),
    ),
    Refusal.ROOM_FULL: Words(
        N_("Mötet är fullt"),
        N_("Ring in på telefon, eller försök igen om en stund."),
        Call.DIAL_IN,
    ),
    Refusal.ROOM_MAINTENANCE: Words(
        N_("Mötestjänsten har underhåll"),
        N_("Försök igen om några minuter. Ring in på telefon om mötet ska börja nu."),
        Call.DIAL_IN,
    ),
    Refusal.ROOM_UNREACHABLE: Words(
        N_("Mötestjänsten svarar inte"),
        N_("Ställ enheten närmare ett fönster och försök igen. Ring in på telefon om mötet ska börja nu."),
        Call.DIAL_IN,
    ),
    Refusal.ROOM_CERTIFICATE: Words(
        N_("Mötesrummet kan inte visa att det är äkta"),
        N_("Enheten ansluter inte, för er säkerhet. Ring supporten."),
        Call.SUPPORT,
    ),
    Refusal.ROOM_NOT_INVITED: Words(
        N_("Länken till mötet gäller inte"),
        N_("Den är för ett annat möte, eller har gått ut. Be den som bjöd in om en ny länk."),
        Call.DIAL_IN,
    ),
    Refusal.ROOM_LOGIN_NEEDED: Words(
        N_("Mötet kräver inloggning"),
        N_("Inloggningen blev inte klar. Försök igen, eller be den som bjöd in om en länk för gäster."),
    ),
    Refusal.ROOM_ANSWER_INVALID: Words(
        N_("Mötestjänsten svarade fel"),
        N_("Försök igen. Ring supporten om det händer en gång till."),
        Call.SUPPORT,
    ),
    Refusal.MEETING_ENDED: Words(
        N_("Mötet är avslutat"),
        N_("Värden har avslutat mötet, och det går inte att gå in igen. Ring den som bjöd in vid frågor."),
    ),
    Refusal.MEDIA_FAILED: Words(
        N_("Ljud och bild kom inte fram"),
        N_("Ställ enheten närmare ett fönster och försök igen. Ring in på telefon om det inte hjälper."),
        Call.DIAL_IN,
    ),
    Refusal.PORTAL_FAILED: Words(
        N_("Portalen kunde inte öppnas"),
        N_("Försök igen. Ring in på telefon om mötet ska börja nu."),
        Call.DIAL_IN,
    ),
    Refusal.KIT_LOCKED: Words(
        N_("Enheten är spärrad"),
        N_("Använd enheten som ersätter den, eller ring supporten."),
        Call.SUPPORT,
    ),
    Refusal.CALL_CANCELLED: Words(
        N_("Samtalet avbröts"),
        N_("Den som ringde har lagt på, eller någon annan svarade."),
    ),
    Refusal.CALL_MISSED: Words(
        N_("Missat samtal"),
        N_("Någon ringde enheten och ingen svarade. Ring upp om ni väntade på ett samtal."),
    ),
}
