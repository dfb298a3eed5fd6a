// Audio worklet: says when a beep of 1 kHz begins, in seconds of the audio clock.
const BLOCK = 240;
const MIN_POWER = 1e-5;
const PURE = 0.7;
const QUIET_S = 0.4;

class Beeps extends AudioWorkletProcessor {
    constructor() {
        super();
        this.step = (2 * Math.PI * 1000) / sampleRate;
        this.last = -1;
        this.streak = 0;
        this.clear();
    }

    clear() {
        this.count = 0;
        this.power = 0;
        this.real = 0;
        this.imaginary = 0;
    }

    endBlock(endsAt) {
        // For a pure tone the correlation holds all of the power.
        const tone = (2 * (this.real ** 2 + this.imaginary ** 2)) / BLOCK;
        const beep = this.power / BLOCK > MIN_POWER && tone / this.power > PURE;
        this.streak = beep ? this.streak + 1 : 0;
        const startedAt = endsAt - (2 * BLOCK) / sampleRate;
        if (this.streak === 2 && startedAt - this.last > QUIET_S) {
            this.last = startedAt;
            this.port.postMessage(startedAt);
        }
        this.clear();
    }

    process([input]) {
        const samples = input[0] ?? [];
        for (let i = 0; i < samples.length; i++) {
            const phase = this.step * this.count;
            this.power += samples[i] ** 2;
            this.real += samples[i] * Math.cos(phase);
            this.imaginary += samples[i] * Math.sin(phase);
            if (++this.count === BLOCK) {
                this.endBlock(currentTime + (i + 1) / sampleRate);
            }
        }
        return true;
    }
}

registerProcessor('beeps', Beeps);
