"""The visit's words: why it ended, what is checked, confirmed, talked about and tidied."""

from typing import NamedTuple

from kit.ui.catalogue import N_
from kit.visit.model import (
    AgendaItem,
    Check,
    Confirmation,
    EndReason,
    Evaluator,
    HygieneStep,
    PackedPart,
    TidyTask,
)


class Words(NamedTuple):
    """Title, a line of text, and an icon."""

    title: str
    text: str
    icon: str = ""


END_REASONS = {
    EndReason.HUNG_UP: Words(
        N_("Ni har lämnat mötet"), N_("Ni kan gå tillbaka så länge mötet pågår."), "phone-off"
    ),
    EndReason.HOST_ENDED: Words(
        N_("Värden har avslutat mötet"),
        N_("Mötet är slut för alla. Det går inte att gå in igen."),
        "circle-check-big",
    ),
    EndReason.REMOVED: Words(
        N_("Enheten har tagits ut ur mötet"),
        N_("Någon i mötet har kopplat bort er. Ring den som bjöd in om det var ett misstag."),
        "user-x",
    ),
    EndReason.WAITED_TOO_LONG: Words(
        N_("Ingen släppte in er"), N_("Väntrummet har stängt. Ring den som bjöd in."), "clock-alert"
    ),
    EndReason.CONNECTION_LOST: Words(
        N_("Kontakten med mötet bröts"),
        N_("Försök gå tillbaka, eller ring in på telefon."),
        "unplug",
    ),
    EndReason.NEVER_JOINED: Words(
        N_("Ni kom inte in i mötet"), N_("Ring den som bjöd in om ni behöver en ny tid."), "circle-x"
    ),
    EndReason.RESTARTED: Words(
        N_("Enheten startade om"),
        N_("Samtalet bröts. Ni kan ansluta igen från startsidan när enheten är klar."),
        "rotate-ccw",
    ),
}

CHECKS = {
    Check.CAMERA: Words(N_("Kamera"), N_("Kontrollera kameran och sladden, och försök igen."), "camera"),
    Check.MICROPHONE: Words(
        N_("Mikrofon"),
        N_("Kontrollera att högtalarpucken är ansluten och inte avstängd, och försök igen."),
        "mic",
    ),
    Check.SPEAKER: Words(
        N_("Högtalare"),
        N_("Höj volymen på högtalarpucken, kontrollera sladden och försök igen."),
        "volume-2",
    ),
    Check.NETWORK: Words(N_("Nätverk"), N_("Ställ enheten närmare ett fönster och försök igen."), "wifi"),
}
"""The text is what to do when it fails."""

CONFIRMATIONS = {
    Confirmation.CONSENT: Words(
        N_("Samtycke finns"),
        N_("Patienten samtycker till att vi delar uppgifter, eller så är en men-/sekretessprövning gjord."),
    ),
    Confirmation.PATIENT_IDENTIFIED: Words(
        N_("Patienten är identifierad"), N_("Med legitimation, eller för att du känner patienten.")
    ),
    Confirmation.PLACE_PRIVATE: Words(N_("Vi sitter avskilt"), N_("Ingen obehörig kan se eller höra.")),
    Confirmation.DOOR_SIGN: Words(
        N_("Skylten sitter på dörren"), N_("”Här pågår videomöte – var god stör ej”")
    ),
    Confirmation.RELATIVES_CONFIRMED: Words(
        N_("Närstående är bekräftade"), N_("Patienten har sagt vilka som är med. Ingen med? Bekräfta ändå.")
    ),
}

AGENDA = {
    AgendaItem.WELCOME: Words(
        N_("Välkomna"),
        N_("”Välkomna! Ser och hör alla varandra? Om tekniken krånglar fortsätter vi på telefon.”"),
    ),
    AgendaItem.PURPOSE: Words(
        N_("Syfte och sekretess"),
        N_("”Vi ska planera ditt stöd tillsammans. Alla här har tystnadsplikt, och ingenting spelas in.”"),
    ),
    AgendaItem.REASON: Words(
        N_("Det viktiga för dig"),
        N_("”Vill du själv berätta varför vi ses i dag, eller ska jag göra det?”"),
    ),
    AgendaItem.INTRODUCTIONS: Words(
        N_("Presentation"),
        N_("”Du och dina närstående börjar. Sedan säger vi andra namn, roll och var vi arbetar.”"),
    ),
    AgendaItem.QUESTIONS: Words(
        N_("Frågor"), N_("”Nu har alla berättat. Vad undrar ni över? Vi tar en i taget.”")
    ),
    AgendaItem.SUMMARY: Words(
        N_("Sammanfattning"),
        N_("Förstå mig rätt: ”Jag vill vara tydlig. Vill du med egna ord säga vad vi kom överens om?”"),
    ),
}

TIDY_TASKS = {
    TidyTask.WIFI: Words(N_("Nätverket"), N_("Patientens Wi-Fi tas bort från enheten."), "wifi-off"),
    TidyTask.JOURNAL: Words(
        N_("Till journalen"), N_("Skriv av uppgifterna nu. De visas bara en gång."), "notebook-pen"
    ),
    TidyTask.EVALUATION: Words(
        N_("Hur gick mötet?"), N_("Svaren är anonyma. Fråga patienten först."), "smile"
    ),
    TidyTask.HYGIENE: Words(
        N_("Rengör utrustningen"), N_("Använd ytdesinfektion enligt er rutin."), "spray-can"
    ),
    TidyTask.PACKING: Words(N_("Packa ryggsäcken"), N_("Tryck på varje del när den är packad."), "backpack"),
}

HYGIENE = {
    HygieneStep.HANDS: Words(N_("Sprita händerna"), N_("Före och efter att du rengör.")),
    HygieneStep.SCREEN: Words(N_("Torka av skärmen"), N_("Skärmen låses i 20 sekunder medan du torkar.")),
    HygieneStep.SPEAKERPHONE: Words(N_("Torka av högtalarpucken"), N_("Ovansida, undersida och knappar.")),
    HygieneStep.CABLES: Words(N_("Torka av sladdar och stativ"), N_("Lägg dem inte på golvet.")),
}

PARTS = {
    PackedPart.TABLET: Words(N_("Surfplatta"), "", "tablet"),
    PackedPart.STAND: Words(N_("Stativ"), "", "pyramid"),
    PackedPart.SPEAKERPHONE: Words(N_("Högtalarpuck"), "", "speaker"),
    PackedPart.CHARGER: Words(N_("Laddare"), "", "plug"),
    PackedPart.EXTENSION_CABLE: Words(N_("Förlängningssladd"), "", "cable"),
    PackedPart.BACKPACK: Words(N_("Ryggsäck"), "", "backpack"),
}

EVALUATORS = {
    Evaluator.PATIENT: N_("Patienten"),
    Evaluator.STAFF: N_("Du som personal"),
}

SCORES = (
    (1, "angry", N_("Mycket dåligt")),
    (2, "frown", N_("Dåligt")),
    (3, "meh", N_("Varken eller")),
    (4, "smile", N_("Bra")),
    (5, "laugh", N_("Mycket bra")),
)
"""Score, icon and word, from bad to good."""
