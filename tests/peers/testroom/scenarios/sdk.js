// Pexip's own library with nothing around it: what it signals, in the words of the table of scenarios.
import {
    ClientCallType,
    createCallSignals,
    createInfinityClient,
    createInfinityClientSignals,
} from '@pexip/infinity';

const signals = createInfinityClientSignals([], {batchScheduleTimeoutMS: 20, batchBufferSize: 10});
const callSignals = createCallSignals([]);
const client = createInfinityClient(signals, callSignals);

const fresh = () => ({
    phase: 'out', asks: '', code: '', waiting: false, people: [], speaking: [], pictured: [], host: false,
    hand: false, moderated: false, slides: false, floor: false, denied: false, chat: '', caption: '',
    can_caption: false, can_chat: false, can_present: false, ways: [], room: '', seats: 0,
});
const state = fresh();
let redirected;
const sdk = {state, redirect: new Promise(resolve => { redirected = resolve; })};
window.sdk = sdk;
let conference = {};
let asked = {};
let live = false;

const stream = () => {
    const canvas = document.createElement('canvas');
    canvas.width = 320;
    canvas.height = 180;
    const g = canvas.getContext('2d');
    setInterval(() => {
        g.fillStyle = `hsl(${Date.now() / 20 % 360} 60% 50%)`;
        g.fillRect(0, 0, 320, 180);
    }, 100);
    const audio = new AudioContext();
    return new MediaStream([
        ...canvas.captureStream(10).getTracks(),
        ...audio.createMediaStreamDestination().stream.getTracks(),
    ]);
};
const mine = stream();

const people = () => {
    const all = client.getParticipants('main');
    const me = client.getMe();
    state.people = all.filter(p => p.uuid !== me?.uuid).map(p => p.displayName).sort();
    state.host = Boolean(me?.isHost);
    state.can_present = Boolean(me?.isHost || conference.guestsCanPresent);
    state.hand = Boolean(me?.raisedHand);
    state.moderated = Boolean(me?.isMuted);
    // In a main room the library (20.0) passes over the empty presentation_start, and would go on sending.
    state.floor = Boolean(me?.isPresenting);
    state.slides = all.some(p => p.isPresenting && p.uuid !== me?.uuid);
};
for (const name of ['onParticipants', 'onParticipantJoined', 'onParticipantUpdated', 'onParticipantLeft', 'onMe']) {
    signals[name].add(people);
}
signals.onServiceType.add(type => { state.waiting = type === 'waiting_room'; });
signals.onConferenceStatus.add(({status}) => {
    conference = status;
    state.can_caption = Boolean(status.liveCaptionsAvailable);
    // The library has no name of its own for this.
    state.can_chat = status.rawData.chat_enabled !== false;
    people();
});
signals.onLayoutUpdate.add(({participants}) => {
    state.pictured = client.getParticipants('main').filter(p => participants.includes(p.uuid)).map(p => p.displayName).sort();
});
signals.onMessage.add(({message}) => { state.chat = message; });
signals.onLiveCaptions.add(({data}) => { state.caption = data; });
signals.onStage.add(stage => {
    const heard = stage.filter(s => s.vad >= 50).map(s => s.userId);
    state.speaking = client.getParticipants('main').filter(p => heard.includes(p.uuid)).map(p => p.displayName).sort();
});
signals.onPinRequired.add(() => Object.assign(state, {phase: 'asked', asks: 'pin'}));
signals.onExtension.add(() => Object.assign(state, {phase: 'asked', asks: 'extension'}));
signals.onIdp.add(idps => {
    if (idps.length === 1) {
        void call({...asked, way: idps[0].uuid});
    } else {
        Object.assign(state, {phase: 'asked', asks: 'login', ways: idps.map(p => p.name).sort()});
    }
});
signals.onRedirect.add(({redirectUrl}) => redirected(redirectUrl));
signals.onError.add(({error, errorCode}) => {
    if (live || state.phase === 'ended') {
        // After the end the library still refreshes a token that is gone.
        return;
    }
    if (error === 'Invalid PIN') {
        Object.assign(state, {phase: 'asked', asks: 'wrong pin'});
    } else if (asked.extension && errorCode === '#pex154') {
        Object.assign(state, {phase: 'asked', asks: 'wrong extension'});
    } else {
        Object.assign(state, {phase: 'refused', code: errorCode});
    }
});
signals.onDisconnected.add(({errorCode}) => {
    if (!live) {
        return;
    }
    live = false;
    if (errorCode === '#pex113') {
        // The token is lost, not the meeting: every application joins anew.
        // Not from here: the library waits for the end of this callback before it calls again.
        setTimeout(() => call(asked), 100);
    } else {
        Object.assign(state, {phase: 'ended', code: errorCode});
    }
});
signals.onTransfer.add(async ({alias, token}) => {
    live = false;
    await client.disconnect({reason: 'Transfer'}).catch(() => {});
    await call({alias, token});
});
const connected = new Promise(resolve => callSignals.onCallConnected.add(resolve));
callSignals.onPresentationConnectionChange.add(({send}) => { state.denied = send === 'failed'; });
signals.onCallDisconnected.add(() => live && client.restartCall({mediaStream: mine, bandwidth: 0}).catch(() => {}));

const call = async values => {
    asked = values;
    const answer = await client.call({
        host: location.origin,
        conferenceAlias: values.alias,
        displayName: 'Hembesök',
        pin: values.pin,
        conferenceExtension: values.extension,
        chosenIdp: values.way,
        ssoToken: values.sso,
        token: values.token,
        mediaStream: mine,
        bandwidth: 0,
        directMedia: false,
        callType: ClientCallType.AudioVideoPresentation,
    }).catch(() => undefined);
    if (answer?.status === 200) {
        live = true;
        Object.assign(state, {phase: 'in', asks: '', room: values.alias, seats: state.seats + 1});
        people();
    }
};

sdk.join = values => {
    Object.assign(state, fresh());
    return call(values);
};
sdk.loggedIn = token => call({...asked, sso: token});
sdk.do = (verb, values) => ({
    say: () => client.sendMessage({payload: values.text}),
    raise_hand: () => client.raiseHand({raise: values.on}),
    captions: () => client.liveCaptions({enable: values.on}),
    // The room gives no floor to one who has no media yet.
    present: async () => {
        await connected;
        client.present(mine.clone());
    },
    switch: async () => {
        await client.clientMute({mute: values.muted});
        await client.muteVideo({muteVideo: values.camera_off});
    },
    leave: () => sdk.leave(),
})[verb]();
sdk.leave = async () => {
    live = false;
    await client.disconnect({reason: 'User initiated disconnect'}).catch(() => {});
};
