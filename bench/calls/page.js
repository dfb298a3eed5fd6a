// A peer in a browser: sends the scene that it is given, notes each picture and each 20 ms of sound that it
// is shown. Called by bench/calls/chromium.py.
const WIDTH = 1280, HEIGHT = 720, FPS = 30, CELLS = 32, RATE = 48000, HEARING = 8000;
const seen = [], walls = [], sound = [];
const connections = {};
let counting = false, speech, base = {}, begun = 0, earliest = Infinity;

const wall = () => performance.timeOrigin + performance.now();

function checksum(value) {
  let sum = 0;
  for (let shift = 0; shift < 28; shift += 4) sum += Math.floor(value / 2 ** shift) & 15;
  return sum % 16;
}

function stamp(picture, milliseconds) {
  const value = Math.floor(milliseconds) % 2 ** 26, word = 2 * 2 ** 30 + value * 16 + checksum(value);
  const row = new Uint8Array(WIDTH);
  for (let x = 0; x < WIDTH; x++) {
    const cell = Math.floor((x * CELLS) / WIDTH);
    row[x] = Math.floor(word / 2 ** (CELLS - 1 - cell)) % 2 ? 235 : 16;
  }
  for (let y = 0; y < Math.floor(HEIGHT / 12); y++) picture.set(row, y * WIDTH);
}

function readCode(luma, stride, width, height) {
  const rows = Math.floor(height / 12), y = Math.floor(rows / 2), values = [];
  for (let cell = 0; cell < CELLS; cell++) {
    const middle = Math.floor(((cell + 0.5) * width) / CELLS);
    values.push((luma[y * stride + middle - 1] + luma[y * stride + middle] + luma[y * stride + middle + 1]) / 3);
  }
  const contrast = values[0] - values[1], threshold = (values[0] + values[1]) / 2;
  if (contrast < 60) return null;
  let value = 0;
  for (let cell = 2; cell < 28; cell++) value = value * 2 + (values[cell] > threshold ? 1 : 0);
  let sum = 0;
  for (let cell = 28; cell < 32; cell++) sum = sum * 2 + (values[cell] > threshold ? 1 : 0);
  return sum === checksum(value) ? value : null;
}

function pictures() {
  const count = 30, made = [];
  let seed = 1;
  const random = () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 4294967296;
  const blocks = Float32Array.from({ length: (WIDTH / 8) * (HEIGHT / 8) }, () => (random() + random() + random() - 1.5) * 24);
  for (let n = 0; n < count; n++) {
    const picture = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128, WIDTH * HEIGHT);
    const cx = WIDTH / 2 + 120 * Math.sin((2 * Math.PI * n) / count), cy = HEIGHT / 2 + 30 * Math.cos((2 * Math.PI * n) / count);
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) {
        const head = ((x - cx) / 180) ** 2 + ((y - cy) / 240) ** 2 < 1;
        let v = head
          ? 160 + 30 * Math.sin((x - cx) / 15) * Math.cos((y - cy) / 18)
          : 96 + 60 * Math.sin(x / 90) + 40 * Math.cos(y / 70) + blocks[(y >> 3) * (WIDTH / 8) + (x >> 3)];
        v += (random() + random() + random() - 1.5) * 4;
        picture[y * WIDTH + x] = Math.max(16, Math.min(235, v));
      }
    made.push(picture);
  }
  return made;
}

function camera() {
  const track = new MediaStreamTrackGenerator({ kind: "video" }), writer = track.writable.getWriter();
  const scene = pictures(), begun = wall();
  (async () => {
    for (let n = 0; ; n++) {
      const wait = begun + (n * 1000) / FPS - wall();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      else if (wait < -100) n += Math.floor((-wait * FPS) / 1000);
      const picture = scene[n % scene.length];
      stamp(picture, wall());
      const layout = { format: "I420", codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: Math.round(performance.now() * 1000) };
      writer.write(new VideoFrame(picture, layout)).catch(() => {});
    }
  })();
  return track;
}

function microphone() {
  const track = new MediaStreamTrackGenerator({ kind: "audio" }), writer = track.writable.getWriter();
  const begun = wall(), frame = RATE / 100;
  (async () => {
    for (let n = 0; ; n++) {
      const begins = begun + n * 10, wait = begins + 10 - wall();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      const start = Math.floor((begins / 1000) * RATE) % speech.length;
      const data = new Int16Array(frame);
      for (let i = 0; i < frame; i++) data[i] = speech[(start + i) % speech.length];
      const layout = { format: "s16", sampleRate: RATE, numberOfFrames: frame, numberOfChannels: 1, timestamp: Math.round((begins - performance.timeOrigin) * 1000) };
      writer.write(new AudioData({ ...layout, data })).catch(() => {});
    }
  })();
  return track;
}

async function watch(track) {
  const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 5 }).readable.getReader(), buffer = new Uint8Array(1920 * 1088 * 2);
  for (;;) {
    const { value: picture, done } = await reader.read();
    if (done) return;
    const now = wall(), width = picture.codedWidth, height = picture.codedHeight;
    let age = null;
    try {
      await picture.copyTo(buffer, { rect: { x: 0, y: 0, width, height: 2 * Math.ceil(height / 24) } });
      const code = readCode(buffer, width, width, height);
      if (code !== null) age = (Math.floor(now) - code + 1.5 * 2 ** 26) % 2 ** 26 - 2 ** 25;
    } catch { age = null; }
    if (counting) seen.push([now / 1000, age, width, height]);
    picture.close();
  }
}

// The time stamp says when the browser's own thread fetched the sound; this page may be late to look.
async function listen(track) {
  const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 100 }).readable.getReader();
  let frame = [];
  for (;;) {
    const { value: data, done } = await reader.read();
    if (done) return;
    const samples = new Float32Array(data.numberOfFrames), fetched = data.timestamp / 1e6;
    const rate = data.sampleRate, step = rate / HEARING;
    earliest = Math.min(earliest, wall() / 1000 - fetched);
    data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    data.close();
    if (!counting) continue;
    for (let at = 0; at + step <= samples.length; at += step) {
      let sum = 0;
      for (let i = 0; i < step; i++) sum += samples[at + i];
      if (!frame.length) walls.push(fetched + at / rate);
      frame.push(Math.round((sum / step) * 32767));
      if (frame.length === HEARING / 50) { sound.push(...frame); frame = []; }
    }
  }
}

function bytes(base64) { return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)); }

function open(speech64) { speech = new Int16Array(bytes(speech64).buffer); }

// Sound flows only where it is played. Pictures are not drawn: the kit's engine does not draw them either.
function connection(name) {
  const pc = (connections[name] = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" }));
  pc.ontrack = ({ track }) => {
    if (track.kind === "video") return void watch(track);
    document.getElementById("speaker").srcObject = new MediaStream([track]);
    listen(track);
  };
  return pc;
}

async function prepare(pc, codec, direction) {
  const kinds = { video: camera(), audio: microphone() }, both = new MediaStream(Object.values(kinds));
  if (!pc.getTransceivers().length)
    for (const kind of ["audio", "video"]) pc.addTransceiver(kinds[kind], { direction, streams: [both] });
  else
    for (const t of pc.getTransceivers()) { t.direction = direction; await t.sender.replaceTrack(kinds[t.receiver.track.kind]); }
  const wanted = (c) => c.mimeType.toLowerCase() === `video/${codec.toLowerCase()}` || /rtx|red|ulpfec/.test(c.mimeType);
  for (const t of pc.getTransceivers())
    if (t.receiver.track.kind === "video") t.setCodecPreferences(RTCRtpReceiver.getCapabilities("video").codecs.filter(wanted));
}

async function gathered(pc) {
  if (pc.iceGatheringState === "complete") return pc.localDescription.sdp;
  await new Promise((done) => pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && done()));
  return pc.localDescription.sdp;
}

async function offer(codec, name) {
  const pc = connection(name);
  await prepare(pc, codec, name === "call" ? "sendrecv" : "sendonly");
  await pc.setLocalDescription(await pc.createOffer());
  return gathered(pc);
}

async function answer(codec, name, sdp) {
  const pc = connection(name);
  await pc.setRemoteDescription({ type: "offer", sdp });
  if (name === "call") await prepare(pc, codec, "sendrecv");
  await pc.setLocalDescription(await pc.createAnswer());
  return gathered(pc);
}

async function accept(name, sdp) { await connections[name].setRemoteDescription({ type: "answer", sdp }); }

async function snapshot() {
  const kept = {};
  for (const pc of Object.values(connections))
    for (const s of (await pc.getStats()).values())
      if (/bound-rtp$/.test(s.type) || (s.type === "candidate-pair" && s.nominated)) kept[`${s.type}-${s.kind || ""}`] = s;
  return kept;
}

async function mark() {
  base = await snapshot();
  begun = wall() / 1000;
  counting = true;
}

async function collect() {
  counting = false;
  const ended = wall() / 1000, now = await snapshot(), change = {};
  for (const [key, stats] of Object.entries(now))
    for (const [name, value] of Object.entries(stats))
      if (typeof value === "number") (change[key] ??= {})[name] = value - (base[key]?.[name] ?? 0);
  const raw = new Uint8Array(Int16Array.from(sound).buffer);
  let text = "";
  for (let at = 0; at < raw.length; at += 32768) text += String.fromCharCode(...raw.subarray(at, at + 32768));
  const states = new Set(Object.values(connections).map((pc) => pc.connectionState));
  const state = states.size === 1 ? [...states][0] : "mixed";
  return { pictures: seen, walls: walls.map((at) => at + earliest), sound: btoa(text), change, begun, ended, state };
}

Object.assign(window, { open_: open, offer, answer, accept, mark, collect });
