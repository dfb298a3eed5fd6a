// The practice microphone: speech-like sound, and a beep of 1 kHz at each full second of the wall clock.
import {wallMs} from './timecode.js';

export const BEEP_HZ = 1000;
const BEEP_S = 0.06;
const LOOP_S = 8;
const AHEAD_MS = 900;

// Syllables of an invented sentence: start in seconds, length, pitch in Hz, first and second formant in Hz.
const SYLLABLES = [
    [0.1, 0.22, 128, 650, 1400], [0.36, 0.18, 142, 420, 1900], [0.58, 0.3, 120, 700, 1500], [1.05, 0.16, 150, 380, 2050],
    [1.25, 0.24, 135, 560, 1700], [1.55, 0.34, 112, 680, 1350], [2.4, 0.2, 146, 450, 1850], [2.64, 0.2, 138, 620, 1450],
    [2.9, 0.16, 130, 400, 2000], [3.1, 0.36, 116, 690, 1380], [4.1, 0.2, 150, 430, 1900], [4.36, 0.28, 128, 640, 1500],
    [4.72, 0.18, 140, 390, 2050], [4.95, 0.36, 110, 700, 1400], [6.0, 0.24, 144, 520, 1750], [6.3, 0.2, 132, 420, 1950],
    [6.56, 0.4, 108, 660, 1420],
];

const envelope = (at, length) => Math.max(0, Math.sin((Math.PI * at) / length)) ** 0.6;

/** How open a mouth is that says this, 0 to 1. */
export const mouthAt = seconds => {
    const at = seconds % LOOP_S;
    const now = SYLLABLES.find(([start, length]) => at >= start && at < start + length);
    return now ? envelope(at - now[0], now[1]) : 0;
};

const speech = context => {
    const rate = context.sampleRate;
    const buffer = context.createBuffer(1, LOOP_S * rate, rate);
    const out = buffer.getChannelData(0);
    for (const [start, length, pitch, first, second] of SYLLABLES) {
        for (let i = 0; i < length * rate; i++) {
            const t = i / rate;
            const glide = pitch * (1 - 0.12 * (t / length));
            let sample = 0;
            for (let n = 1; n * glide < 3400; n++) {
                const f = n * glide;
                const weight = Math.exp(-(((f - first) / 160) ** 2)) + 0.5 * Math.exp(-(((f - second) / 220) ** 2)) + 0.35 / n;
                sample += (weight * Math.sin(2 * Math.PI * n * (pitch * t - (0.06 * pitch * t * t) / length))) / 4;
            }
            out[Math.floor(start * rate) + i] = 0.28 * sample * envelope(t, length);
        }
    }
    return buffer;
};

/** Sound as a MediaStream. It is silent until `resume` is called from a user's gesture. */
export const createVoice = () => {
    const context = new AudioContext({sampleRate: 48000, latencyHint: 'interactive'});
    const out = context.createMediaStreamDestination();
    const talk = new AudioBufferSourceNode(context, {buffer: speech(context), loop: true});
    // A gap where the beep is, so that the beep can be told from speech.
    const gap = new BiquadFilterNode(context, {type: 'notch', frequency: BEEP_HZ, Q: 2});
    talk.connect(gap).connect(out);
    talk.start(0, (wallMs() / 1000) % LOOP_S);
    let beeped = 0;
    const beep = () => {
        const now = wallMs();
        const second = Math.floor(now / 1000) * 1000 + 1000;
        if (context.state !== 'running' || second <= beeped || second - now > AHEAD_MS) {
            return;
        }
        beeped = second;
        const at = context.currentTime + (second - now) / 1000;
        const tone = new OscillatorNode(context, {frequency: BEEP_HZ});
        const gain = new GainNode(context, {gain: 0});
        gain.gain.setValueAtTime(0, at);
        gain.gain.linearRampToValueAtTime(0.4, at + 0.002);
        gain.gain.setValueAtTime(0.4, at + BEEP_S - 0.004);
        gain.gain.linearRampToValueAtTime(0, at + BEEP_S);
        tone.connect(gain).connect(out);
        tone.start(at);
        tone.stop(at + BEEP_S);
    };
    const timer = setInterval(beep, 150);
    return {
        stream: out.stream,
        resume: () => context.resume(),
        stop: () => {
            clearInterval(timer);
            void context.close();
        },
    };
};
