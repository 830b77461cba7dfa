// HTTP client and WebSocket server over node's own sockets: the part of RFC 6455 a Core needs.
import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Mailbox, timeLimit } from './async.mjs';

const MOST_FRAME = 64 * 1024;
const MOST_WAITING = 1000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** No answer: refused, reset, timed out. */
export class Unreachable extends Error {}
/** A body over its limit. */
export class TooLarge extends Error {}

export async function readBody(stream, most) {
  const parts = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size <= most) parts.push(part);
  }
  if (size > most) throw new TooLarge('body');
  return Buffer.concat(parts);
}

/**
 * One request on a connection of its own; redirects are not followed. Times in seconds. Gives
 * {status, headers, body}, throws Unreachable or TooLarge.
 */
export function send(method, url, headers, body, { connect = 2, total = 15, most = 1 << 20 } = {}) {
  return new Promise((resolve, reject) => {
    const to = new URL(url);
    const sent = body === undefined
      ? headers
      : { ...headers, 'Content-Type': 'application/json', 'Content-Length': body.length };
    const request = (to.protocol === 'https:' ? https : http).request(to, {
      method, headers: sent, agent: false, signal: AbortSignal.timeout(Math.max(1, total * 1000)),
    });
    const slow = setTimeout(() => request.destroy(new Error('connect timeout')), connect * 1000);
    const fail = (fault) => {
      clearTimeout(slow);
      reject(fault instanceof TooLarge ? fault : new Unreachable(fault.message));
    };
    request.on('socket', (socket) => socket.once('connect', () => clearTimeout(slow)));
    request.on('error', fail);
    request.on('response', (answer) => {
      readBody(answer, most).then((read) => {
        if (!answer.complete) return fail(new Error('cut off'));
        return resolve({ status: answer.statusCode, headers: answer.headers, body: read });
      }, fail);
    });
    request.end(body);
  });
}

/** Answers an upgrade request in the plain, or makes a WebSocket of it. */
export function refuseUpgrade(socket, status, text = '') {
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\n` +
    `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}` +
    `\r\n\r\n${text}`);
}

export function acceptUpgrade(request, socket, head) {
  const key = request.headers['sec-websocket-key'];
  if (!key || request.headers['sec-websocket-version'] !== '13') {
    refuseUpgrade(socket, 426);
    return null;
  }
  const accept = createHash('sha1').update(key + GUID).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  return new WebSocket(socket, head);
}

export class SocketFault extends Error {
  constructor(code, reason) {
    super(reason);
    this.closeCode = code;
  }
}

/** The server side of one connection. `next` gives text messages, null after the end. */
export class WebSocket {
  constructor(socket, head) {
    this.socket = socket;
    this.messages = new Mailbox();
    this.closing = false;
    this.heardAt = performance.now();
    this.data = Buffer.alloc(0);
    this.parts = null;
    this.gone = new Promise((resolve) => { this.over = resolve; });
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#take(data));
    socket.on('end', () => this.#end());
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
    if (head.length) this.#take(head);
  }

  /** The next text; null: closed; undefined: nothing within `seconds`. */
  next(seconds) {
    this.socket.resume();
    return this.messages.get(seconds);
  }

  /** Resolves when the system has taken it; rejects when the socket is closed. */
  send(text) {
    return new Promise((resolve, reject) => {
      this.#frame(1, Buffer.from(text), (fault) => (fault ? reject(fault) : resolve()));
    });
  }

  /** Says goodbye once and waits up to 2 s for the peer's answer. */
  async close(code, reason = '') {
    if (!this.closing) this.#goodbye(code, reason);
    await timeLimit(this.gone, 2);
    this.socket.destroy();
  }

  /** Pings every so many seconds; a peer that is not heard for one round is gone. */
  keepAlive(seconds) {
    let askedAt = performance.now();
    this.#frame(9, Buffer.alloc(0));
    const timer = setInterval(() => {
      if (this.heardAt < askedAt) this.socket.destroy();
      askedAt = performance.now();
      this.#frame(9, Buffer.alloc(0));
    }, seconds * 1000);
    this.gone.then(() => clearInterval(timer));
  }

  #goodbye(code, reason) {
    this.closing = true;
    const data = Buffer.alloc(2);
    data.writeUInt16BE(code);
    this.#frame(8, Buffer.concat([data, Buffer.from(reason)]));
  }

  #end() {
    this.over();
    this.messages.put(null);
    this.socket.end();
  }

  #frame(opcode, data, done) {
    if (!this.socket.writable) {
      done?.(Object.assign(new Error('socket closed'), { code: 'EPIPE' }));
      return;
    }
    let head;
    if (data.length < 126) {
      head = Buffer.from([0x80 | opcode, data.length]);
    } else {
      const wide = data.length >= 1 << 16;
      head = Buffer.alloc(wide ? 10 : 4);
      head[0] = 0x80 | opcode;
      head[1] = wide ? 127 : 126;
      if (wide) head.writeBigUInt64BE(BigInt(data.length), 2);
      else head.writeUInt16BE(data.length, 2);
    }
    this.socket.write(Buffer.concat([head, data]), done);
  }

  #take(data) {
    this.data = Buffer.concat([this.data, data]);
    try {
      while (!this.broken && this.#readFrame());
    } catch (fault) {
      if (!(fault instanceof SocketFault)) throw fault;
      this.broken = true;
      if (!this.closing) this.#goodbye(fault.closeCode, fault.message);
      // What follows is taken in and dropped: unread data would make our goodbye a reset.
      this.socket.end();
      setTimeout(() => this.socket.destroy(), 2000).unref();
      this.messages.put(null);
    }
    if (this.broken) this.data = Buffer.alloc(0);
    if (this.messages.size > MOST_WAITING) this.socket.pause();
  }

  #readFrame() {
    const { data } = this;
    if (data.length < 2) return false;
    const [one, two] = data;
    const opcode = one & 0x0f;
    let size = two & 0x7f;
    let at = 2;
    if (one & 0x70 || !(two & 0x80) || (opcode > 2 && opcode < 8) || opcode > 10) {
      throw new SocketFault(1002, 'bad frame');
    }
    if (opcode >= 8 && (size > 125 || !(one & 0x80))) {
      throw new SocketFault(1002, 'bad control frame');
    }
    if (size > 125) {
      at = size === 126 ? 4 : 10;
      if (data.length < at) return false;
      size = size === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
    }
    if (size > MOST_FRAME) throw new SocketFault(1009, 'message too big');
    if (data.length < at + 4 + size) return false;
    const mask = data.subarray(at, at + 4);
    const body = Buffer.from(data.subarray(at + 4, at + 4 + size));
    for (let i = 0; i < size; i += 1) body[i] ^= mask[i & 3];
    this.data = data.subarray(at + 4 + size);
    this.heardAt = performance.now();
    this.#handle(Boolean(one & 0x80), opcode, body);
    return true;
  }

  #handle(final, opcode, body) {
    if (opcode === 8) {
      if (!this.closing) {
        this.closing = true;
        this.#frame(8, body.subarray(0, 2));
      }
      this.#end();
    } else if (opcode === 9) {
      this.#frame(10, body);
    } else if (opcode < 8) {
      if ((opcode === 0) !== Boolean(this.parts)) {
        throw new SocketFault(1002, 'fragments out of order');
      }
      if (opcode === 2) throw new SocketFault(1003, 'text only');
      this.parts = this.parts ? Buffer.concat([this.parts, body]) : body;
      if (this.parts.length > MOST_FRAME) throw new SocketFault(1009, 'message too big');
      if (!final) return;
      try {
        this.messages.put(new TextDecoder('utf-8', { fatal: true }).decode(this.parts));
      } catch {
        throw new SocketFault(1007, 'not UTF-8');
      }
      this.parts = null;
    }
  }
}
