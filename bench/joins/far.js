// Before any script of the one who is in the room already: its voice never pauses.
(() => {
    const real = AudioContext.prototype.createMediaStreamDestination;
    AudioContext.prototype.createMediaStreamDestination = function () {
        const out = real.call(this);
        const tone = new OscillatorNode(this, {frequency: 440});
        tone.connect(new GainNode(this, {gain: 0.25})).connect(out);
        tone.start();
        return out;
    };
})();
