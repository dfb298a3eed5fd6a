// Somebody else in a VideoRoom: plain WebRTC and Janus' JSON, as a page of the region's would speak it. Its
// picture has one colour and its voice one pitch, so that it is known who is seen and heard.
const handles = {}, waiting = {}, seen = {}, chats = [], events = [];
let alone = false, socket, session = 0, me = 0, privateId = 0, room = 0, door = {}, publishing, subscribing, texts, subscriber = 0;

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function ask(fields) {
  const transaction = Math.random().toString(36).slice(2);
  socket.send(JSON.stringify({ transaction, ...(session ? { session_id: session } : {}), ...fields }));
  return new Promise((done, fail) => (waiting[transaction] = { done, fail }));
}

function take(message) {
  const asked = waiting[message.transaction];
  if (asked && message.janus !== "ack") {
    delete waiting[message.transaction];
    const data = message.plugindata?.data;
    if (message.error || data?.error_code) asked.fail(new Error(message.error?.reason || data.error));
    else asked.done(message);
  } else handles[message.sender]?.(message);
}

async function attach(heard) {
  const { data } = await ask({ janus: "attach", plugin: "janus.plugin.videoroom" });
  handles[data.id] = heard;
  return data.id;
}

const tell = (handle, body, jsep) => ask({ janus: "message", handle_id: handle, body, ...(jsep ? { jsep } : {}) });

function camera(colour, width, height, fps, specks) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  let count = 0;
  setInterval(() => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "white";
    context.fillRect((count++ * 8) % width, 0, 8, 8);
    for (let left = specks; left--; ) context.fillRect(Math.random() * width, height * (0.8 + Math.random() * 0.2), 3, 3);
  }, 1000 / fps);
  return canvas.captureStream(fps).getVideoTracks()[0];
}

let gain;
function voice(hertz) {
  const audio = new AudioContext(), tone = new OscillatorNode(audio, { frequency: hertz });
  gain = new GainNode(audio, { gain: 0 });
  const out = audio.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  return out.stream.getAudioTracks()[0];
}

function speak(on) { gain.gain.value = on ? 0.3 : 0; }

async function gathered(pc) {
  while (pc.iceGatheringState !== "complete") await new Promise((done) => pc.addEventListener("icegatheringstatechange", done, { once: true }));
  return { type: pc.localDescription.type, sdp: pc.localDescription.sdp, trickle: false };
}

function open(url) {
  socket = new WebSocket(url, "janus-protocol");
  socket.onmessage = ({ data }) => take(JSON.parse(data));
  setInterval(() => session && ask({ janus: "keepalive" }).catch(() => {}), 20000);
  return new Promise((done, fail) => ((socket.onopen = done), (socket.onerror = fail)));
}

async function join(options) {
  const { url, name, colour, hertz, width = 320, height = 180, fps = 10, layers = false, specks = 0 } = options;
  room = options.room;
  door = options.door || {};
  alone = options.alone;
  await open(url);
  session = (await ask({ janus: "create" })).data.id;
  const handle = (window.publisher = await attach(heard));
  const joined = (await tell(handle, { request: "join", ptype: "publisher", room, display: name, ...door })).plugindata.data;
  me = joined.id;
  privateId = joined.private_id;
  if (colour) await publish(handle, camera(colour, width, height, fps, specks), voice(hertz), layers);
  for (const one of joined.publishers) await subscribe(one);
  return me;
}

async function publish(handle, video, audio, layers) {
  publishing = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  publishing.addTransceiver(audio, { direction: "sendonly" });
  const sizes = [{ rid: "h", maxBitrate: 400000 }, { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 150000 }, { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 80000 }];
  publishing.addTransceiver(video, { direction: "sendonly", ...(layers ? { sendEncodings: sizes } : {}) });
  texts = publishing.createDataChannel("JanusDataChannel");
  await publishing.setLocalDescription(await publishing.createOffer());
  const { jsep } = await tell(handle, { request: "publish" }, await gathered(publishing));
  await publishing.setRemoteDescription(jsep);
  while (publishing.connectionState !== "connected") await wait(20);
}

function heard({ plugindata, janus }) {
  const data = plugindata?.data;
  events.push(data || { janus });
  for (const one of data?.publishers || []) subscribe(one);
}

let line = Promise.resolve();
const subscribe = (one) => alone || (line = line.then(() => subscribeNow(one)).catch((error) => events.push({ failed: String(error) })));

async function subscribeNow(one) {
  const streams = one.streams.filter((s) => !s.disabled).map(({ mid }) => ({ feed: one.id, mid }));
  if (subscriber) return answer(await tell(subscriber, { request: "update", subscribe: streams }));
  subscribing = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  subscribing.ontrack = ({ track, transceiver }) => watch(track, transceiver);
  subscribing.ondatachannel = ({ channel }) => (channel.onmessage = ({ data }) => chats.push([channel.label, data]));
  subscriber = await attach((message) => message.jsep && (line = line.then(() => answer(message))));
  await answer(await tell(subscriber, { request: "join", ptype: "subscriber", room, private_id: privateId, streams, ...door }));
}

async function answer({ jsep, plugindata }) {
  for (const s of plugindata.data.streams || []) seen[s.mid] = { ...(seen[s.mid] || {}), ...s };
  if (!jsep) return;
  await subscribing.setRemoteDescription(jsep);
  // The server forwards texts once a channel was opened from here.
  if (/m=application/.test(jsep.sdp)) subscribing.own ??= subscribing.createDataChannel("JanusDataChannel");
  await subscribing.setLocalDescription(await subscribing.createAnswer());
  await tell(subscriber, { request: "start" }, await gathered(subscribing));
}

// Sound flows only where it is played.
function watch(track, transceiver) {
  if (track.kind === "audio") {
    const audio = new Audio();
    audio.srcObject = new MediaStream([track]);
    audio.play();
  }
}

async function received() {
  const found = {};
  for (const s of (await subscribing?.getStats())?.values() || [])
    if (s.type === "inbound-rtp") found[s.mid] = { kind: s.kind, frames: s.framesDecoded || 0, energy: s.totalAudioEnergy || 0, feed: seen[s.mid]?.feed_id, active: seen[s.mid]?.active };
  return found;
}

function say(text) { texts.send(JSON.stringify({ type: "chatMsg", content: text })); }
function switches(muted, cameraOff) {
  texts.send(JSON.stringify({ type: "statusUpdate", content: { source: me, status: { audioEnabled: !muted, videoEnabled: !cameraOff } } }));
}
const rename = (display) => tell(window.publisher, { request: "configure", display });

async function leave() {
  if (session) await ask({ janus: "destroy" }).catch(() => {});
  publishing?.close();
  subscribing?.close();
  socket?.close();
}

Object.assign(window, { join_: join, speak_: speak, say_: say, switches_: switches, rename_: rename, leave_: leave, received_: received, chats_: () => chats, events_: () => events });
