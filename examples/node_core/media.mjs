// Lines a conversation speaks on: the dialler's WebSocket (§9.1), Exotel's (§9.2) and a simulated
// room. Sound is simulated: the bot's words are a tone of their length, and what a caller says is
// known only as "speech of so many seconds", told from silence by its loudness.
import { sleep, timeLimit } from './async.mjs';
import { isObject, parseJson } from './contract.mjs';
import { SocketFault } from './web.mjs';

const FRAME = 320; // bytes of 20 ms at 8 kHz, 16 bit
const LOUD_AS_VOICE = -32; // dBFS
// 400 Hz: 20 ms hold 8 whole periods, so frames join without a click.
const TONE = Buffer.alloc(FRAME);
for (let i = 0; i < 160; i += 1) {
  TONE.writeInt16LE(Math.trunc(6000 * Math.sin((2 * Math.PI * i) / 20)), 2 * i);
}

/** Tells speech from silence and posts it as `[speech 1.4 s]`, interim and final. */
class Ears {
  constructor(bot, startSecs, stopSecs) {
    Object.assign(this, { bot, startSecs, stopSecs });
    this.heard = 0;
  }

  hear(sound) {
    const count = sound.length >> 1;
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += sound.readInt16LE(2 * i) ** 2;
    const rms = Math.sqrt(sum / Math.max(1, count));
    if (rms === 0 || 20 * Math.log10(rms / 32768) < LOUD_AS_VOICE) return;
    const before = this.heard;
    this.heard += count / 8000;
    const speaks = this.heard >= this.startSecs;
    if (speaks && before < this.startSecs) this.bot.post('voice', true);
    if (speaks && Math.floor(this.heard / 0.3) > Math.floor(before / 0.3)) {
      this.bot.post('interim', this.#words());
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#silence(), this.stopSecs * 1000);
  }

  #words() {
    return `[speech ${this.heard.toFixed(1)} s]`;
  }

  #silence() {
    if (this.heard >= this.startSecs) {
      this.bot.post('voice', false);
      this.bot.post('final', this.#words());
    }
    this.heard = 0;
  }
}

/** Digits are one turn: gathered for 2 s or to `#`. */
class Keys {
  constructor(bot, wait) {
    Object.assign(this, { bot, wait, digits: '' });
  }

  press(digit) {
    this.digits += digit;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.bot.post('dtmf', this.digits);
      this.digits = '';
    }, digit === '#' ? 0 : this.wait * 1000);
  }
}

/** The first of these members that is a text or a number, as text. */
function textOf(holder, ...names) {
  for (const name of names) {
    if (['string', 'number'].includes(typeof holder?.[name])) return String(holder[name]);
  }
  return '';
}

/** The handshake ended because the caller went. */
export class Gone extends Error {}

/**
 * What both WebSocket protocols share. `greet` reads the handshake, `isAnswered` waits until the
 * bot may speak, `listen` posts to the conversation until the socket ends.
 */
class SocketLine {
  chunk = FRAME;

  skipped = 0; // unknown and unreadable messages

  transferring = false;

  event = {};

  streamId = '';

  callerId = '';

  direction = 'inbound';

  constructor(ws, scale) {
    Object.assign(this, { ws, scale });
    this.left = new Promise((resolve) => { this.leave = resolve; });
  }

  /** The next readable message; null when the socket has ended. */
  async message(seconds) {
    for (;;) {
      const text = await this.ws.next(seconds && seconds * this.scale);
      if (text === undefined) throw new SocketFault(1002, 'handshake message missing');
      if (text === null) return null;
      try {
        const message = parseJson(text);
        if (isObject(message) && typeof message.event === 'string') return message;
      } catch {
        // counted below
      }
      this.skipped += 1;
    }
  }

  prepare(bot, config) {
    this.bot = bot;
    this.zone = config.timezone;
    this.ears = new Ears(bot, config['vad.start_secs'], config['vad.stop_secs'] * this.scale);
    this.keys = new Keys(bot, 2 * this.scale);
  }

  async listen() {
    let raw;
    for (let message; raw === undefined && (message = await this.message()) !== null;) {
      raw = this.take(message);
    }
    this.leave(true);
    if (!this.transferring) this.bot.post('left', raw);
  }

  hear(payload) {
    const good = typeof payload === 'string' && payload.length % 4 === 0
      && /^[A-Za-z0-9+/]*={0,2}$/.test(payload);
    if (good) this.ears.hear(Buffer.from(payload, 'base64'));
    else this.skipped += 1;
  }

  /** A tone of that length, paced; a cut stops it at a frame. */
  async play(seconds, signal) {
    const begun = performance.now() / 1000;
    const step = (this.chunk / FRAME) * 0.02;
    const count = Math.max(1, Math.ceil(seconds / step - 1e-9));
    for (let at = 1; at <= count; at += 1) {
      await this.ws.send(JSON.stringify(this.sound()));
      await sleep(begun + at * step - performance.now() / 1000, signal);
    }
  }

  async hangUp() {
    await this.ws.close(1000);
  }

  async transfer() {
    return 'not_supported';
  }
}

export class Dialler extends SocketLine {
  transport = 'websocket';

  sent = 0;

  /** connected, start; throws SocketFault 1002 when they are missing or out of order. */
  async greet() {
    const { event, ...connected } = await this.#expect('connected', 10);
    this.event = connected;
    const start = await this.#expect('start', 10);
    this.streamId = textOf(start, 'streamId') || textOf(connected, 'streamId');
    this.callerId = textOf(connected, 'callerId');
    this.did = textOf(connected, 'did');
    this.word = textOf(connected, 'callDirection') || 'incoming';
    this.direction = this.word === 'outgoing' ? 'outbound' : 'inbound';
  }

  async isAnswered() {
    try {
      await this.#expect('answer', 60);
    } catch (fault) {
      if (fault instanceof Gone) return false;
      throw fault;
    }
    return true;
  }

  async #expect(wanted, seconds) {
    for (;;) {
      const message = await this.message(seconds);
      if (message === null || message.event === 'hangup-call') throw new Gone();
      if (message.event === wanted) return message;
      if (['connected', 'start', 'answer', 'media'].includes(message.event)) {
        throw new SocketFault(1002, `${message.event} before ${wanted}`);
      }
      this.skipped += 1;
    }
  }

  /** Text: the call is over, and why. */
  take(message) {
    if (message.event === 'hangup-call') return textOf(message, 'disconnectedBy') || 'hangup-call';
    if (message.event === 'media') this.hear(message.payload);
    else this.skipped += 1;
    return undefined;
  }

  #time() {
    const at = new Date();
    try {
      return at.toLocaleString('sv-SE', { timeZone: this.zone });
    } catch {
      return at.toLocaleString('sv-SE', { timeZone: 'UTC' });
    }
  }

  sound() {
    this.sent += 1;
    return {
      event: 'reverse-media', chunk: this.sent, did: this.did, payload: TONE.toString('base64'),
      timestamp: this.#time(), streamId: this.streamId, callerId: this.callerId,
      chunk_durn_ms: 20, callDirection: this.word, encoding: 'LINEAR', RevMediaQ: 0, source: 'ai',
    };
  }

  #say(event, more) {
    const { streamId, callerId } = this;
    return this.ws.send(JSON.stringify({ event, streamId, callerId, ...more }));
  }

  async clear() {
    await this.#say('reverse-media-stop');
  }

  async hangUp() {
    await this.clear();
    await this.#say('reverse-hangup-call', { source: 'ai', message: 'Call ended by bot' });
    await super.hangUp();
  }

  /** The peer hands the call over and closes; null: it did, else why not. */
  async transfer(target) {
    this.transferring = true;
    await this.#say('reverse-call-transfer', {
      transferTo: target.value, source: 'ai', message: 'Call transferred by bot',
    });
    if (await timeLimit(this.left, 10 * this.scale)) return null;
    this.transferring = false;
    return 'timeout';
  }
}

export class Exotel extends SocketLine {
  transport = 'exotel';

  chunk = 10 * FRAME; // 3,200 bytes a message

  async greet() {
    let message = null;
    for (let tried = 0; tried < 2 && message?.event !== 'start'; tried += 1) {
      message = await this.message(10);
      if (message === null) throw new Gone();
    }
    const { start } = message;
    if (message.event !== 'start' || !isObject(start)) {
      throw new SocketFault(1002, 'no start message');
    }
    this.streamId = textOf(message, 'stream_sid') || textOf(start, 'stream_sid');
    this.callerId = textOf(start, 'from');
    const custom = isObject(start.custom_parameters) ? start.custom_parameters : {};
    this.event = { call_sid: textOf(start, 'call_sid'), did: textOf(start, 'to'), ...custom };
  }

  async isAnswered() {
    return true;
  }

  take(message) {
    const digit = textOf(message.dtmf, 'digit');
    if (message.event === 'stop') return textOf(message.stop, 'reason') || 'stop';
    if (message.event === 'media') this.hear(message.media?.payload);
    else if (message.event === 'dtmf' && /^[0-9*#A-D]$/.test(digit)) this.keys.press(digit);
    else if (message.event !== 'mark') this.skipped += 1;
    return undefined;
  }

  sound() {
    const payload = Buffer.concat(Array(10).fill(TONE)).toString('base64');
    return { event: 'media', stream_sid: this.streamId, media: { payload } };
  }

  async clear() {
    await this.ws.send(JSON.stringify({ event: 'clear', stream_sid: this.streamId }));
  }
}

/** A simulated room: nobody hears the bot, a script (party.mjs) answers it. */
export class Room {
  constructor(transport, direction, scale, script) {
    Object.assign(this, { transport, direction, scale, script });
  }

  prepare() {}

  async play(seconds, signal) {
    await sleep(seconds, signal);
  }

  async clear() {}

  async hangUp() {}

  /** As `script.transfer` says: by default it succeeds after a second. */
  async transfer(target, signal) {
    if (target.method === 'agent_desk') return 'not_supported';
    const { after_ms: after = 1000, fails = null } = this.script.transfer ?? {};
    await sleep((after / 1000) * this.scale, signal);
    return fails || null;
  }
}
