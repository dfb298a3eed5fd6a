// What went wrong, in words of everyday. Keys are Pexip's own error texts.
const WORDS = {
    'Invalid PIN': 'Fel PIN-kod. Försök igen.',
    'Participant exceeded PIN entry retries': 'Fel PIN-kod för många gånger. Vänta en minut och försök igen.',
    'Neither conference nor gateway found': 'Mötesrummet finns inte. Kontrollera namnet på rummet.',
    'System in maintenance mode': 'Mötestjänsten har underhåll just nu. Försök igen om en stund.',
    'Participant limit reached': 'Mötesrummet är fullt.',
    'Out of resource': 'Mötestjänsten är överbelastad. Försök igen om en stund.',
    'Insufficient licenses': 'Mötestjänsten kan inte ta emot fler just nu.',
    'Invalid token': 'Anslutningen gäller inte längre. Anslut igen.',
    'Invalid role': 'Bara mötesledaren kan göra det.',
    'Timer expired awaiting token refresh': 'Kontakten med mötet försvann.',
    'Could not reconnect to the meeting': 'Kontakten med mötet försvann.',
    'Could not execute critical network action': 'Mötesservern svarar inte.',
    'Conference terminated by another participant': 'Mötesledaren har avslutat mötet för alla.',
    'Disconnected by another participant': 'Mötesledaren har kopplat ner dig.',
    'All conference hosts departed hosted conference': 'Mötesledaren har lämnat mötet.',
    'Timeout waiting for conference host to join or permit access to locked conference':
        'Ingen släppte in dig i mötet.',
    'Ice failure': 'Bild och ljud kom inte fram genom nätverket.',
    'WebRTC connection failed': 'Bild och ljud kom inte fram genom nätverket.',
    'Media process disconnected': 'Bild och ljud avbröts.',
};

export const PIN_NEEDED = 'Skriv PIN-koden för mötet.';
export const NO_ANSWER = 'Mötesservern svarar inte. Kontrollera nätverket och försök igen.';
export const NO_DEVICES = 'Kameran eller mikrofonen kunde inte användas. Övningskameran används i stället.';
export const NOT_REACHED = 'Enheten kunde inte ringas upp. Är den på, och stämmer namnet?';
export const LOST = 'Kontakten med mötet är bruten. Försöker igen …';
export const RESTARTED = 'Bild och ljud avbröts. Kopplar upp igen …';

export const inWords = text => WORDS[text] ?? `Något gick fel: ${text}`;
