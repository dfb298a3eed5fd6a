// Before any script of a page: notes when the first received picture and the first received sound are there. Of
// the ways to see a picture the first counts: decoded, or handed to the compositor.
(() => {
    const LOUD = 0.01;
    const found = {began: 0, picture: 0, sound: 0};
    const note = what => (found[what] ||= performance.now());

    const eachOf = async (track, take) => {
        const reader = new MediaStreamTrackProcessor({track}).readable.getReader();
        for (let more = true; more; ) {
            const {value, done} = await reader.read();
            more = !done && take(value);
            value?.close();
        }
        await reader.cancel();
    };
    const loud = data => {
        const samples = new Float32Array(data.numberOfFrames);
        data.copyTo(samples, {planeIndex: 0, format: 'f32-planar'});
        return samples.some(sample => Math.abs(sample) > LOUD);
    };
    const watch = ({track}) => {
        if (track.kind === 'audio') {
            void eachOf(track, data => (loud(data) ? void note('sound') : true));
            return;
        }
        void eachOf(track, () => void note('picture'));
        const video = Object.assign(document.createElement('video'), {muted: true, autoplay: true});
        video.srcObject = new MediaStream([track]);
        video.requestVideoFrameCallback(() => note('picture'));
        document.body?.append(video);
    };
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
        constructor(...given) {
            super(...given);
            this.addEventListener('track', watch);
        }
    };
    window.near_ = {
        begin: () => Object.assign(found, {began: performance.now(), picture: 0, sound: 0}),
        found: () => (found.picture && found.sound ? [found.picture - found.began, found.sound - found.began] : null),
    };
})();
