// Puts the page together: source, room, view, measurements; and `window.room` for whoever drives it.
import {createListener, lipSync, watchPicture} from './measure.js';
import {createRoom} from './room.js';
import {createSlide} from './slide.js';
import {openSource, preferred} from './source.js';
import {NO_DEVICES} from './texts.js';
import * as timecode from './timecode.js';
import {el, show} from './view.js';

const query = new URLSearchParams(location.search);
const own = {muted: false, cameraOff: false, sharing: null};
let source = null;
let shared = null;

const picture = watchPicture(el('remote'));
const sound = createListener();
const redraw = () => {
    show(room.state, own);
    // A hidden video still costs a copy of each picture.
    const seen = el('join-view').hidden ? null : (source?.stream ?? null);
    if (el('preview').srcObject !== seen) {
        el('preview').srcObject = seen;
    }
};
let wasSharing = false;
const changed = state => {
    // Somebody else has taken the floor, or the server refused it.
    const sharing = ['connecting', 'connected'].includes(state.presentation.send);
    if (wasSharing && !sharing && shared) {
        endSharing();
    }
    wasSharing = sharing;
    if (state.phase === 'ended' && shared) {
        endSharing();
    }
    redraw();
};
const room = createRoom({
    changed,
    onRemote: stream => {
        el('remote').srcObject = stream;
        // Only measures: the sound itself is played by the video element.
        void sound.listen(stream).catch(() => {});
    },
    onSlides: stream => {
        el('slides').srcObject = stream;
    },
});

const useSource = async kind => {
    source?.stop();
    try {
        source = await openSource(kind);
    } catch {
        source = await openSource('generated');
        room.state.notice = NO_DEVICES;
    }
    el('source').value = source.kind;
    el('self').srcObject = source.stream;
    redraw();
};

const join = async ({alias, name, pin, host}) => {
    if (!source || source.stream.getTracks().some(track => track.readyState === 'ended')) {
        await useSource(el('source').value);
    }
    await source.resume();
    picture.forget();
    sound.forget();
    Object.assign(own, {muted: false, cameraOff: false});
    source.stream.getTracks().forEach(track => (track.enabled = true));
    return room.join({alias, name, pin, host, stream: source.stream});
};

const mute = async on => {
    own.muted = on;
    source.stream.getAudioTracks().forEach(track => (track.enabled = !on));
    redraw();
    await room.mute(on);
};

const cameraOff = async on => {
    own.cameraOff = on;
    source.stream.getVideoTracks().forEach(track => (track.enabled = !on));
    redraw();
    await room.cameraOff(on);
};

const endSharing = () => {
    shared?.stop();
    shared = null;
    own.sharing = null;
};

const stopSharing = () => {
    room.stopPresenting();
    endSharing();
    redraw();
};

const share = async kind => {
    if (own.sharing) {
        const same = own.sharing === kind;
        stopSharing();
        if (same) {
            return;
        }
    }
    if (kind === 'screen') {
        const stream = await navigator.mediaDevices.getDisplayMedia({video: {frameRate: 10}});
        shared = {stream, stop: () => stream.getTracks().forEach(track => track.stop())};
        stream.getVideoTracks()[0].addEventListener('ended', stopSharing);
    } else {
        shared = createSlide();
    }
    own.sharing = kind;
    room.present(shared.stream);
    redraw();
};

const stats = () => {
    const latency = picture.summary();
    const beep = sound.summary();
    const inbound = room.client.latestStats?.inbound.video;
    return {
        phase: room.state.phase,
        waiting: room.state.waiting,
        remote_fps: picture.rate(),
        remote_width: el('remote').videoWidth,
        remote_height: el('remote').videoHeight,
        picture_latency_ms: latency,
        sound_dbfs: sound.dbfs(),
        beep_latency_ms: beep,
        lip_sync_ms: lipSync(beep, latency),
        slides_shown: !el('slides').hidden && el('slides').videoWidth > 0,
        codec: inbound?.codec ?? null,
        participants: room.state.roster.filter(p => !p.waiting).length,
        roster: room.state.roster,
        locked: room.state.locked,
        chat_count: room.state.chat.length,
        last_chat: room.state.chat.at(-1) ?? null,
        notice: room.state.notice,
        disconnect: room.state.disconnect,
    };
};

const on = (id, event, handler) => el(id).addEventListener(event, handler);

on('join-form', 'submit', event => {
    event.preventDefault();
    const value = id => el(id).value.trim();
    void join({alias: value('alias'), name: value('name'), pin: value('pin')});
});
on('source', 'change', () => void useSource(el('source').value));
on('mute', 'click', () => void mute(!own.muted));
on('camera', 'click', () => void cameraOff(!own.cameraOff));
on('share-slide', 'click', () => void share('slide'));
on('share-screen', 'click', () => void share('screen').catch(() => {}));
on('lock', 'click', () => void room.lock(!room.state.locked));
on('leave', 'click', () => void room.leave());
on('end-all', 'click', () => el('confirm-end').showModal());
on('confirm-no', 'click', () => el('confirm-end').close());
on('confirm-yes', 'click', () => {
    el('confirm-end').close();
    void room.endAll();
});
on('again', 'click', () => room.again());
on('chat-form', 'submit', event => {
    event.preventDefault();
    const text = el('chat-text').value.trim();
    if (text) {
        el('chat-text').value = '';
        void room.say(text);
    }
});
on('call-form', 'submit', event => {
    event.preventDefault();
    const alias = el('call-alias').value.trim();
    if (alias) {
        void room.dial(alias);
    }
});
on('roster', 'click', ({target}) => {
    const {command, uuid} = target.dataset;
    if (command === 'admit' || command === 'kick') {
        void room[command](uuid);
    }
});
addEventListener('pagehide', () => room.goodbye());

const clock = () => {
    el('clock').textContent = new Date().toLocaleTimeString('sv-SE', {hour: '2-digit', minute: '2-digit'});
};
setInterval(clock, 1000);
clock();

const aliasInPath = decodeURIComponent(/^\/webapp\/(?:m|conference)\/([^/]+)$/.exec(location.pathname)?.[1] ?? '');
el('alias').value = query.get('conference') ?? (aliasInPath || 'hembesok');
el('name').value = query.get('name') ?? '';
el('pin').value = query.get('pin') ?? (query.get('role') === 'guest' ? 'none' : '');

window.room = {
    ...room,
    join,
    mute,
    cameraOff,
    share,
    stopSharing,
    stats,
    timecode,
    ready: useSource(query.get('source') ?? (await preferred())),
};
await window.room.ready;
redraw();
if (query.get('join') === '1' && el('name').value) {
    el('join-form').requestSubmit();
}
