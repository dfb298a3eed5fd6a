// Pexip's client library, and what of the meeting this page keeps: one object `state`, one callback when it changes.
import {
    ClientCallType,
    createCallSignals,
    createInfinityClient,
    createInfinityClientSignals,
    setLogger,
} from '@pexip/infinity';
import {setLogger as setPeerConnectionLogger} from '@pexip/peer-connection';
import {setLogger as setSignalLogger} from '@pexip/signal';
import {inWords, LOST, NO_ANSWER, NOT_REACHED, PIN_NEEDED, RESTARTED} from './texts.js';

const WATCH_MS = 10_000;
const CHAT_KEPT = 200;

const silent = () => {};
// The libraries log addresses, names and messages; nothing of that belongs in a browser's console.
for (const set of [setLogger, setPeerConnectionLogger, setSignalLogger]) {
    set({trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent, silent,
        redact: text => text, addRedactPattern: silent});
}

const fresh = () => ({
    phase: 'start',
    notice: '',
    roster: [],
    chat: [],
    locked: false,
    waiting: false,
    reconnecting: false,
    disconnect: null,
    presentation: {send: 'new', recv: 'new'},
    me: null,
});

const described = p => ({
    uuid: p.uuid,
    name: p.displayName ?? '',
    host: p.isHost,
    waiting: p.isWaiting,
    muted: p.isMuted || p.isClientMuted,
    cameraOff: p.isCameraMuted,
    media: p.hasMedia,
    presenting: p.isPresenting,
});

export const createRoom = ({changed, onRemote, onSlides}) => {
    // The library keeps its event handlers per module: one client for the life of the page.
    const signals = createInfinityClientSignals([], {batchScheduleTimeoutMS: 50, batchBufferSize: 10});
    const callSignals = createCallSignals([]);
    const client = createInfinityClient(signals, callSignals);
    const state = fresh();
    let last = null;
    let misses = 0;

    const set = fields => {
        Object.assign(state, fields);
        changed(state);
    };
    const roster = () => {
        const mine = client.getMe()?.uuid ?? null;
        const people = client.getParticipants('main').map(p => ({...described(p), me: p.uuid === mine}));
        set({roster: people, me: people.find(p => p.me) ?? null});
    };
    const ended = (reason, code) => {
        last = null;
        set({phase: 'ended', disconnect: {reason, code}, notice: '', waiting: false, reconnecting: false});
    };

    for (const name of ['onParticipants', 'onParticipantJoined', 'onParticipantUpdated', 'onParticipantLeft', 'onMe']) {
        signals[name].add(roster);
    }
    signals.onServiceType.add(type => set({waiting: type === 'waiting_room'}));
    signals.onConferenceStatus.add(({status}) => set({locked: status.locked}));
    signals.onMessage.add(({displayName, message, direct}) => {
        const chat = [...state.chat, {from: displayName, text: message, direct, mine: false}];
        set({chat: chat.slice(-CHAT_KEPT)});
    });
    signals.onPinRequired.add(() => set({phase: 'start', notice: PIN_NEEDED}));
    signals.onError.add(({error, errorCode}) => {
        if (state.phase === 'joining') {
            set({phase: 'start', notice: inWords(error), disconnect: {reason: error, code: errorCode}});
        } else if (errorCode === '#pex128') {
            void restart();
        }
    });
    signals.onDisconnected.add(({error, errorCode}) => {
        if (last) {
            ended(error, errorCode);
        }
    });
    signals.onCallDisconnected.add(() => void restart());
    callSignals.onRemoteStream.add(onRemote);
    callSignals.onRemotePresentationStream.add(onSlides);
    callSignals.onPresentationConnectionChange.add(({send, recv}) => set({presentation: {send, recv}}));
    callSignals.onReconnecting.add(() => set({reconnecting: true, notice: RESTARTED}));
    callSignals.onReconnected.add(() => set({reconnecting: false, notice: ''}));
    callSignals.onCallConnected.add(() => set({reconnecting: false, notice: ''}));

    // A command that does not reach the server is said, once, in words; the library does not repeat it.
    const ask = async request => {
        try {
            return (await request)?.status === 200;
        } catch {
            set({notice: NO_ANSWER});
            return false;
        }
    };

    const restart = async () => {
        if (!last) {
            return;
        }
        set({reconnecting: true, notice: RESTARTED});
        await client.restartCall({mediaStream: last.stream, bandwidth: 0}).catch(silent);
    };

    const join = async ({alias, name, pin, stream, host = location.origin}) => {
        Object.assign(state, fresh(), {phase: 'joining'});
        changed(state);
        let answer;
        try {
            answer = await client.call({
                host,
                conferenceAlias: alias,
                displayName: name,
                pin: pin || undefined,
                mediaStream: stream,
                bandwidth: 0,
                directMedia: false,
                supportsDirectChat: true,
                callType: ClientCallType.AudioVideoPresentation,
            });
        } catch {
            set({phase: 'start', notice: NO_ANSWER});
        }
        if (answer?.status === 200) {
            last = {alias, name, pin, stream, host};
            misses = 0;
            set({phase: 'in', notice: ''});
            roster();
        } else if (state.phase === 'joining') {
            set({phase: 'start', notice: inWords(String(answer?.status ?? ''))});
        }
        return answer?.status ?? 0;
    };

    // After a long cut the library gives up its event stream in silence, while the media go on: ask the server now
    // and then who is there, and join anew when it does not know us or tells another story twice.
    const watch = async () => {
        if (!last || state.phase !== 'in') {
            return;
        }
        const answer = await client.sendConferenceRequest({path: 'participants', method: 'GET'}).catch(() => null);
        if (!last) {
            return;
        }
        const theirs = answer?.status === 200 ? answer.data.result.map(p => p.uuid).sort().join() : null;
        const ours = state.roster.map(p => p.uuid).sort().join();
        misses = theirs === ours ? 0 : misses + 1;
        if (theirs === null) {
            set({notice: LOST});
        } else if (misses === 0 && [LOST, NO_ANSWER].includes(state.notice)) {
            set({notice: ''});
        }
        if (answer?.status === 403 || (misses >= 2 && theirs !== null)) {
            const again = last;
            last = null;
            await client.disconnect({reason: 'User initiated disconnect'}).catch(silent);
            await join(again);
        }
    };
    setInterval(watch, WATCH_MS);

    return {
        state,
        client,
        join,
        restart,
        leave: async () => {
            last = null;
            await client.disconnect({reason: 'User initiated disconnect'}).catch(silent);
            ended('', '');
        },
        goodbye: () => last && client.disconnect({reason: 'Browser closed'}),
        endAll: () => ask(client.disconnectAll({})),
        lock: on => ask(client.lock({lock: on})),
        admit: uuid => ask(client.admit({participantUuid: uuid})),
        kick: uuid => ask(client.kick({participantUuid: uuid})),
        dial: async alias => {
            if (!(await ask(client.dial({destination: alias, role: 'GUEST', protocol: 'auto'})))) {
                set({notice: NOT_REACHED});
            }
        },
        mute: on => ask(client.clientMute({mute: on})),
        cameraOff: on => ask(client.muteVideo({muteVideo: on})),
        say: async text => {
            if (await ask(client.sendMessage({payload: text}))) {
                set({chat: [...state.chat, {from: 'Du', text, direct: false, mine: true}].slice(-CHAT_KEPT)});
            }
        },
        present: stream => client.present(stream),
        stopPresenting: () => client.stopPresenting(),
        again: () => set(fresh()),
    };
};
