// Where the own picture and sound come from: the practice camera, or the computer's devices.
import {createScene, FPS, HEIGHT, WIDTH} from './scene.js';
import {createVoice, mouthAt} from './voice.js';

const generated = () => {
    const voice = createVoice();
    const scene = createScene(mouthAt);
    const stream = new MediaStream([...scene.canvas.captureStream(FPS).getTracks(), ...voice.stream.getTracks()]);
    return {
        kind: 'generated',
        stream,
        resume: voice.resume,
        stop: () => {
            scene.stop();
            voice.stop();
            stream.getTracks().forEach(track => track.stop());
        },
    };
};

const devices = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({
        audio: {echoCancellation: true, noiseSuppression: true, autoGainControl: true},
        video: {width: {ideal: WIDTH}, height: {ideal: HEIGHT}, frameRate: {ideal: FPS, max: 30}},
    });
    return {
        kind: 'camera',
        stream,
        resume: async () => {},
        stop: () => stream.getTracks().forEach(track => track.stop()),
    };
};

/** 'camera' where the computer has one, else 'generated'. */
export const preferred = async () => {
    const found = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    return found.some(device => device.kind === 'videoinput') ? 'camera' : 'generated';
};

/** Open a source; throws when the devices cannot be used. */
export const openSource = async kind => (kind === 'camera' ? devices() : generated());
