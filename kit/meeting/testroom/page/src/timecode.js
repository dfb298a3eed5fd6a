// The time code in the picture. The format is documented in kit/media/timecode.py; both read each other.
export const CELLS = 32;
export const SPAN_MS = 2 ** 26;

/** Wall clock in milliseconds, with fractions. */
export const wallMs = () => performance.timeOrigin + performance.now();

const checksum = value => {
    let sum = 0;
    for (let rest = value; rest > 0; rest = Math.floor(rest / 16)) {
        sum += rest % 16;
    }
    return sum % 16;
};

/** 32 booleans, white is true. */
export const cells = ms => {
    const value = Math.floor(ms) % SPAN_MS;
    const bits = value.toString(2).padStart(26, '0') + checksum(value).toString(2).padStart(4, '0');
    return [true, false, ...[...bits].map(bit => bit === '1')];
};

/** Draw the code along the top of a canvas. */
export const write = (context, width, height, ms) => {
    const rows = Math.floor(height / 12);
    cells(ms).forEach((white, index) => {
        const left = Math.floor((index * width) / CELLS);
        context.fillStyle = white ? '#fff' : '#000';
        context.fillRect(left, 0, Math.floor(((index + 1) * width) / CELLS) - left, rows);
    });
};

/** Code in RGBA data whose rows are the strip alone, or null when there is none. */
export const read = ({data, width, height}) => {
    const means = [];
    for (let index = 0; index < CELLS; index++) {
        const from = (index + 0.25) * (width / CELLS);
        const to = (index + 0.75) * (width / CELLS);
        let sum = 0;
        let count = 0;
        for (let y = Math.floor(height / 4); y < height - Math.floor(height / 4); y++) {
            for (let x = Math.ceil(from); x < to; x++) {
                sum += data[(y * width + x) * 4 + 1];
                count++;
            }
        }
        means.push(sum / count);
    }
    const contrast = means[0] - means[1];
    if (!(contrast >= 60)) {
        return null;
    }
    const middle = (means[0] + means[1]) / 2;
    if (means.some(mean => Math.abs(mean - middle) < 0.15 * contrast)) {
        return null;
    }
    const number = (from, to) => means.slice(from, to).reduce((value, mean) => value * 2 + (mean > middle ? 1 : 0), 0);
    const value = number(2, 28);
    return number(28, 32) === checksum(value) ? value : null;
};

/** Age of a code in milliseconds. */
export const ageMs = (code, ms) => {
    const half = SPAN_MS / 2;
    return ((((ms - code + half) % SPAN_MS) + SPAN_MS) % SPAN_MS) - half;
};
