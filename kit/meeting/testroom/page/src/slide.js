// A slide to share: the planning meeting's agenda, drawn, with a clock so that one sees it live.
const WIDTH = 1280;
const HEIGHT = 720;
const AGENDA = ['Välkomna och presentation', 'Vad är viktigt för dig?', 'Vad behöver du hjälp med?', 'Vem gör vad?', 'Sammanfattning'];

const draw = g => {
    g.fillStyle = '#ffffff';
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.fillStyle = '#0a4a6b';
    g.fillRect(0, 0, 24, HEIGHT);
    g.fillStyle = '#0a1a2b';
    g.font = '700 58px "Inter Variable", sans-serif';
    g.fillText('Samordnad individuell plan', 96, 130);
    g.font = '500 38px "Inter Variable", sans-serif';
    AGENDA.forEach((line, index) => {
        const y = 240 + index * 82;
        g.fillStyle = '#e3edf2';
        g.beginPath();
        g.arc(124, y - 13, 30, 0, Math.PI * 2);
        g.fill();
        g.fillStyle = '#0a4a6b';
        g.textAlign = 'center';
        g.fillText(String(index + 1), 124, y);
        g.textAlign = 'left';
        g.fillStyle = '#0a1a2b';
        g.fillText(line, 184, y);
    });
    g.fillStyle = '#44586a';
    g.font = '400 28px "Inter Variable", sans-serif';
    g.fillText(new Date().toLocaleTimeString('sv-SE'), 96, 680);
};

/** A stream of the slide, and how to end it. */
export const createSlide = () => {
    const canvas = Object.assign(document.createElement('canvas'), {width: WIDTH, height: HEIGHT});
    const g = canvas.getContext('2d', {alpha: false});
    draw(g);
    const timer = setInterval(() => draw(g), 200);
    const stream = canvas.captureStream(5);
    // Fewer pictures rather than text that cannot be read.
    stream.getVideoTracks()[0].contentHint = 'detail';
    return {
        stream,
        stop: () => {
            clearInterval(timer);
            stream.getTracks().forEach(track => track.stop());
        },
    };
};
