// The page as a function of the state: nothing here decides, nothing here talks to the server.
import {icon} from './icons.js';
import {inWords} from './texts.js';

export const el = id => document.getElementById(id);

/** Give a button its icon and its words; both change with its state. */
const dress = (button, name, words) => {
    const shown = `${name}|${words}`;
    if (button.dataset.shown !== shown) {
        button.dataset.shown = shown;
        button.replaceChildren(icon(name), Object.assign(document.createElement('span'), {textContent: words}));
    }
};

const toggle = (id, on, [name, words], [nameOn, wordsOn]) => {
    const button = el(id);
    button.setAttribute('aria-pressed', String(on));
    dress(button, on ? nameOn : name, on ? wordsOn : words);
};

const badge = (name, words) => {
    const span = Object.assign(document.createElement('span'), {className: 'badge', title: words});
    span.append(icon(name), Object.assign(document.createElement('span'), {className: 'unseen', textContent: words}));
    return span;
};

const initials = name => {
    const words = name.split(/\s+/).filter(Boolean);
    return (words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0]?.[0] ?? '–')).toUpperCase();
};

const action = (words, className, uuid, command) => {
    const button = Object.assign(document.createElement('button'), {type: 'button', className, textContent: words});
    Object.assign(button.dataset, {uuid, command});
    return button;
};

const person = (p, iAmHost) => {
    const item = Object.assign(document.createElement('li'), {className: p.waiting ? 'person is-waiting' : 'person'});
    item.dataset.uuid = p.uuid;
    const who = document.createElement('div');
    who.className = 'who';
    who.append(
        Object.assign(document.createElement('strong'), {textContent: p.me ? `${p.name} (du)` : p.name}),
        Object.assign(document.createElement('span'), {
            textContent: p.waiting ? 'Väntar på att bli insläppt' : p.host ? 'Mötesledare' : 'Deltagare',
        }),
    );
    const marks = document.createElement('div');
    marks.className = 'marks';
    if (p.waiting && iAmHost) {
        marks.append(action('Neka', 'plain', p.uuid, 'kick'), action('Släpp in', 'small', p.uuid, 'admit'));
    }
    if (!p.waiting && p.muted) {
        marks.append(badge('microphone-off', 'Mikrofonen är av'));
    }
    if (!p.waiting && p.cameraOff) {
        marks.append(badge('camera-off', 'Kameran är av'));
    }
    if (iAmHost && !p.me && !p.waiting) {
        marks.append(action('Koppla ner', 'quiet', p.uuid, 'kick'));
    }
    const avatar = Object.assign(document.createElement('span'), {className: 'avatar', textContent: initials(p.name)});
    avatar.setAttribute('aria-hidden', 'true');
    item.append(avatar, who, marks);
    return item;
};

const line = m => {
    const item = Object.assign(document.createElement('li'), {className: m.mine ? 'mine' : ''});
    item.append(
        Object.assign(document.createElement('strong'), {textContent: m.direct ? `${m.from} (bara till dig)` : m.from}),
        Object.assign(document.createElement('p'), {textContent: m.text}),
    );
    return item;
};

let rosterShown = '';
let chatShown = 0;

const showRoster = state => {
    const shown = JSON.stringify(state.roster);
    if (shown === rosterShown) {
        return;
    }
    rosterShown = shown;
    const waiting = state.roster.filter(p => p.waiting);
    const inside = state.roster.filter(p => !p.waiting);
    el('count').textContent = String(inside.length);
    el('count').setAttribute('aria-label', `${inside.length} deltagare`);
    el('roster').replaceChildren(...[...waiting, ...inside].map(p => person(p, Boolean(state.me?.host))));
};

const showChat = state => {
    if (state.chat.length === chatShown) {
        return;
    }
    chatShown = state.chat.length;
    el('chat-log').replaceChildren(...state.chat.map(line));
    el('chat-log').scrollTop = el('chat-log').scrollHeight;
};

const STATUS = {start: 'Inte ansluten', joining: 'Ansluter …', ended: 'Avslutat'};

const statusWords = state => {
    if (state.reconnecting) {
        return 'Kopplar upp igen …';
    }
    return STATUS[state.phase] ?? (state.waiting ? 'I väntrummet' : state.locked ? 'I mötet · låst' : 'I mötet');
};

const showControls = (state, own) => {
    const host = Boolean(state.me?.host);
    toggle('mute', own.muted, ['microphone', 'Mikrofon på'], ['microphone-off', 'Mikrofon av']);
    toggle('camera', own.cameraOff, ['camera', 'Kamera på'], ['camera-off', 'Kamera av']);
    toggle('share-slide', own.sharing === 'slide', ['slide', 'Visa agenda'], ['slide', 'Sluta visa']);
    toggle('share-screen', own.sharing === 'screen', ['screen', 'Dela skärm'], ['screen', 'Sluta dela']);
    toggle('lock', state.locked, ['unlock', 'Lås rummet'], ['lock', 'Lås upp']);
    dress(el('leave'), 'leave', 'Lämna');
    dress(el('end-all'), 'end', 'Avsluta mötet för alla');
    el('lock').hidden = !host;
    el('end-all').hidden = !host;
};

/** Draw everything. `own` is what this page itself has switched: muted, cameraOff, sharing. */
export const show = (state, own) => {
    document.body.dataset.phase = state.phase;
    const inCall = state.phase === 'in';
    el('join-view').hidden = inCall || state.phase === 'ended';
    el('call-view').hidden = !inCall;
    el('ended-view').hidden = state.phase !== 'ended';
    el('join').disabled = state.phase === 'joining';
    dress(el('join'), 'arrow', state.phase === 'joining' ? 'Ansluter …' : 'Anslut');
    dress(el('again'), 'again', 'Anslut igen');
    dress(el('chat-send'), 'send', '');
    el('notice').hidden = !state.notice;
    el('notice').textContent = state.notice;
    el('status').textContent = statusWords(state);
    el('status').dataset.kind = state.reconnecting ? 'warn' : inCall && !state.waiting ? 'good' : 'plain';
    el('waiting').hidden = !state.waiting;
    el('waiting').textContent = 'Du är i väntrummet. Mötesledaren släpper in dig.';
    const slides = inCall && ['connecting', 'connected'].includes(state.presentation.recv);
    el('slides').hidden = !slides;
    el('stage').classList.toggle('has-slides', slides);
    el('self').parentElement.classList.toggle('is-off', own.cameraOff);
    el('self-note').textContent = own.cameraOff ? 'Din kamera är av' : 'Du';
    el('ended-reason').textContent = state.disconnect?.reason ? inWords(state.disconnect.reason) : 'Du har lämnat mötet.';
    el('ended-title').textContent = state.disconnect?.reason ? 'Mötet är avslutat' : 'Du har lämnat mötet';
    el('ended-code').textContent = state.disconnect?.code ?? '';
    showRoster(state);
    showChat(state);
    showControls(state, own);
};
