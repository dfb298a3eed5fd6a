// What can be measured at this end: picture rate and latency from the time code, sound level, beeps.
import {ageMs, read, wallMs} from './timecode.js';

const KEEP = 500;
const RATE_MS = 2000;
const STRIP = {width: 320, height: 15};

const quantile = (values, share) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted.length ? Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]) : null;
};

const summary = samples => ({
    count: samples.length,
    last: samples.length ? Math.round(samples.at(-1)) : null,
    p50: quantile(samples, 0.5),
    p95: quantile(samples, 0.95),
});

const keep = (samples, value) => {
    samples.push(value);
    samples.splice(0, Math.max(0, samples.length - KEEP));
};

/** Watch a <video>: `rate()` in pictures a second and `latencies`, in ms, of pictures with a time code. */
export const watchPicture = video => {
    const canvas = new OffscreenCanvas(STRIP.width, STRIP.height);
    const g = canvas.getContext('2d', {willReadFrequently: true, alpha: false});
    const shownAt = [];
    const latencies = [];
    let coded = 0;
    const look = () => {
        const now = wallMs();
        shownAt.push(now);
        while (shownAt.length && shownAt[0] < now - RATE_MS) {
            shownAt.shift();
        }
        const {videoWidth: width, videoHeight: height} = video;
        g.drawImage(video, 0, 0, width, Math.floor(height / 12), 0, 0, STRIP.width, STRIP.height);
        const code = read(g.getImageData(0, 0, STRIP.width, STRIP.height));
        if (code !== null) {
            coded++;
            keep(latencies, ageMs(code, now));
        }
        video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    return {
        latencies,
        // `count` goes on beyond the samples that are kept.
        summary: () => ({...summary(latencies), count: coded}),
        rate: () => {
            const since = wallMs() - RATE_MS;
            return shownAt.filter(at => at >= since).length / (RATE_MS / 1000);
        },
        forget: () => {
            coded = 0;
            latencies.length = 0;
            shownAt.length = 0;
        },
    };
};

/** Listen to a stream: `dbfs()` over the last second, `beeps` with the latency of each second's beep in ms. */
export const createListener = () => {
    let prepared;
    let context;
    let source;
    let analyser;
    let detector;
    const powers = [];
    const beeps = [];
    const sample = () => {
        if (!analyser) {
            return;
        }
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        powers.push(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
        powers.splice(0, Math.max(0, powers.length - 10));
    };
    setInterval(sample, 100);
    const heard = ({data: at}) => {
        const wall = wallMs() - (context.currentTime - at) * 1000;
        keep(beeps, wall % 1000);
    };
    const prepare = async () => {
        context = new AudioContext({latencyHint: 'interactive'});
        await context.audioWorklet.addModule('/page/beeps.js');
        analyser = new AnalyserNode(context, {fftSize: 4096});
        detector = new AudioWorkletNode(context, 'beeps', {numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit'});
        detector.port.onmessage = heard;
    };
    return {
        beeps,
        listen: async stream => {
            prepared ??= prepare();
            await prepared;
            void context.resume();
            source?.disconnect();
            if (stream.getAudioTracks().length === 0) {
                return;
            }
            source = new MediaStreamAudioSourceNode(context, {mediaStream: stream});
            source.connect(analyser);
            source.connect(detector);
        },
        summary: () => summary(beeps),
        dbfs: () => {
            const power = powers.reduce((sum, value) => sum + value, 0) / Math.max(1, powers.length);
            return power > 0 ? Math.max(-100, Math.round(100 * Math.log10(power)) / 10) : -100;
        },
        forget: () => {
            beeps.length = 0;
            powers.length = 0;
        },
    };
};

/** How much later sound comes than picture, in ms; null before both were measured. */
export const lipSync = (sound, picture) => (sound.p50 === null || picture.p50 === null ? null : sound.p50 - picture.p50);
