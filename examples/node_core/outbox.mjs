// The durable outbox and the call journal (§11.2, §11.4).
//
// Success of `put` means: on disk, and sent until the control plane has taken it. Files are written
// in `tmp`, synced, renamed to `new`, and the folder is synced. Counts of failures live in memory:
// after a restart everything is due at once.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { sleep } from './async.mjs';
import { problemOf } from './config.mjs';
import { send } from './web.mjs';

const WAITS = [1, 2, 5, 10, 30, 60, 120, 300];
const POISON = [400, 409, 413, 415, 422];
const DAY = 86400;
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 1 << 30;
const AT_ONCE = 4;
const ID = '[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,127}';
const NAME = new RegExp(`^\\d{13}-${ID}\\.entry$`);

const now = () => performance.now() / 1000;
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Into `folder` so that the name shows whole content or does not exist. */
function writeDurably(folder, name, data) {
  const tmp = join(dirname(folder), 'tmp', name);
  const out = fs.openSync(tmp, 'wx', 0o600);
  try {
    for (let at = 0; at < data.length;) at += fs.writeSync(out, data, at);
    fs.fdatasyncSync(out);
    fs.renameSync(tmp, join(folder, name));
  } catch (fault) {
    fs.rmSync(tmp, { force: true });
    throw fault;
  } finally {
    fs.closeSync(out);
  }
  syncFolder(folder);
}

function syncFolder(folder) {
  const handle = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * Node cannot flock(2), the program of that name can: it holds the lock as long as its input is
 * open, so also when we are killed. Gives what lets it go; null: somebody else has it.
 */
function takeLock(path, seconds) {
  const child = spawn('flock', ['-w', String(seconds), path, 'sh', '-c', 'echo locked; exec cat'],
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  return new Promise((resolve) => {
    child.stdout.once('data', () => resolve(() => child.stdin.end()));
    child.once('error', () => resolve(null));
    child.once('exit', () => resolve(null));
  });
}

/** `headers()` gives the headers to send with; `scale` shortens all waits, for tests. */
export class Outbox {
  constructor(root, workerId, headers, scale, log) {
    this.root = join(root, workerId);
    Object.assign(this, { headers, scale, log });
    this.entries = new Map();
    this.failing = new Set();
    this.refused = new Set();
    this.diskFailed = false;
    this.wasFull = false;
    this.running = false;
  }

  folder(...names) {
    return join(this.root, ...names);
  }

  // --- start ---
  /** Takes the lock and reads what an earlier life left. False: another process lives here. */
  async open() {
    for (const name of ['', 'tmp', 'new', 'dead', 'calls']) {
      fs.mkdirSync(this.folder(name), { recursive: true, mode: 0o700 });
    }
    if (!await takeLock(this.folder('lock'), 10 * this.scale)) return false;
    for (const name of fs.readdirSync(this.folder('tmp'))) fs.unlinkSync(this.folder('tmp', name));
    for (const name of fs.readdirSync(this.folder('new')).sort()) this.#takeIn(name);
    return true;
  }

  #takeIn(name) {
    const whole = fs.readFileSync(this.folder('new', name));
    const end = whole.indexOf('\n');
    const body = whole.subarray(end + 1);
    const head = end < 0 ? {} : problemOf(whole.subarray(0, end));
    const good = NAME.test(name) && head.v === 1 && body.length === head.length
      && sha256(body) === head.sha256 && URL.canParse(head.url) && Date.parse(head.expires_at);
    if (good) this.#add(name, head);
    else this.#bury(name, 'corrupt');
  }

  #add(name, head) {
    this.entries.set(name, {
      head, origin: new URL(head.url).origin, due: now(), notBefore: 0, failures: 0, failedAt: 0,
      unreachable: false, misroutedSince: 0, flying: false,
    });
  }

  /** [session, journal] of calls that a crash cut off, and that have no result on its way. */
  leftovers(running) {
    const sent = new Set([...this.entries.values()].map((entry) => entry.head.session_id));
    const out = [];
    for (const name of fs.readdirSync(this.folder('calls')).sort()) {
      const path = this.folder('calls', name);
      const journal = problemOf(fs.readFileSync(path));
      if (!journal.call_id) {
        fs.renameSync(path, this.folder('dead', name));
        continue;
      }
      if (running.has(journal.call_id)) continue;
      const session = journal.session_id || journal.campaign_session_id;
      if (session && !sent.has(session)) out.push([session, journal]);
      else this.endCall(journal.call_id);
    }
    return out;
  }

  /** Takes over the entries and journals of sibling workers that never came back. */
  async adopt() {
    for (const name of fs.readdirSync(dirname(this.root)).sort()) {
      const sibling = join(dirname(this.root), name);
      if (sibling === this.root || !fs.existsSync(join(sibling, 'lock'))) continue;
      const release = await takeLock(join(sibling, 'lock'), 0);
      if (!release) continue; // it lives
      for (const folder of ['new', 'calls']) {
        const found = fs.readdirSync(join(sibling, folder)).sort();
        for (const each of found) {
          fs.renameSync(join(sibling, folder, each), this.folder(folder, each));
        }
        syncFolder(this.folder(folder));
        if (folder === 'new') found.forEach((each) => this.#takeIn(each));
      }
      release();
    }
    this.#work();
  }

  // --- write ---
  #onDisk(write) {
    try {
      write();
    } catch (fault) {
      if (!fault.syscall) throw fault;
      this.diskFailed = true;
      this.log(`outbox: ${fault.message}`);
      return false;
    }
    this.diskFailed = false;
    return true;
  }

  /** Queues a call result; false when the disk did not take it. */
  put(result, url) {
    const body = Buffer.from(JSON.stringify(result));
    const at = Date.now();
    const head = {
      v: 1, class: 'result', id: result.result_id, session_id: result.session_id, url,
      created_at: new Date(at).toISOString(),
      expires_at: new Date(at + 7 * DAY * 1000).toISOString(),
      length: body.length, sha256: sha256(body),
    };
    const name = `${String(at).padStart(13, '0')}-${head.id}.entry`;
    const data = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
    if (!this.#onDisk(() => writeDurably(this.folder('new'), name, data))) return false;
    this.#add(name, head);
    this.#work();
    return true;
  }

  static #journal(callId) {
    return `${new RegExp(`^${ID}$`).test(callId) ? callId : sha256(callId)}.json`;
  }

  beginCall(journal) {
    const name = Outbox.#journal(journal.call_id);
    const data = Buffer.from(JSON.stringify(journal));
    return this.#onDisk(() => writeDurably(this.folder('calls'), name, data));
  }

  endCall(callId) {
    const path = this.folder('calls', Outbox.#journal(callId));
    this.#onDisk(() => fs.rmSync(path, { force: true }));
  }

  full() {
    const part = this.wasFull ? 0.9 : 1;
    const bytes = [...this.entries.values()].reduce((sum, entry) => sum + entry.head.length, 0);
    this.wasFull = this.entries.size >= part * MOST_ENTRIES || bytes >= part * MOST_BYTES;
    return this.wasFull;
  }

  /** After a failed write: does one work again? */
  tryDisk() {
    const tryIt = () => {
      writeDurably(this.folder('tmp'), 'try', Buffer.from('x'));
      fs.unlinkSync(this.folder('tmp', 'try'));
    };
    return !this.diskFailed || this.#onDisk(tryIt);
  }

  // --- send ---
  run() {
    this.running = true;
    this.#work();
  }

  /** Sends what is due and sets the timer for the rest. */
  #work() {
    if (!this.running) return;
    clearTimeout(this.timer);
    for (const [name, entry] of [...this.entries]) {
      if (!entry.flying && Date.parse(entry.head.expires_at) <= Date.now()) {
        this.#bury(name, 'expired');
      }
    }
    this.#hurryProbes();
    const at = now();
    const flying = [...this.entries.values()].filter((entry) => entry.flying);
    const busy = new Set(flying.map((entry) => entry.head.session_id));
    let soonest = at + 60;
    for (const [name, entry] of this.#oldestFirst()) {
      if (entry.flying) continue;
      if (entry.due > at) {
        soonest = Math.min(soonest, entry.due);
      } else if (busy.size < AT_ONCE && !busy.has(entry.head.session_id)) {
        busy.add(entry.head.session_id);
        entry.flying = true;
        this.#deliver(name, entry);
      }
    }
    this.timer = setTimeout(() => this.#work(), (soonest - at) * 1000);
  }

  #oldestFirst() {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async #deliver(name, entry) {
    let answer = null;
    try {
      const whole = fs.readFileSync(this.folder('new', name));
      const body = whole.subarray(whole.indexOf('\n') + 1);
      answer = await send('POST', entry.head.url, this.headers(), body);
    } catch (fault) {
      this.log(`result not delivered: ${fault.message}`);
    }
    entry.flying = false;
    this.#judge(name, entry, answer);
    this.#work();
  }

  #judge(name, entry, answer) {
    const status = answer?.status ?? 0;
    const at = now();
    if (status >= 200 && status < 300) {
      fs.unlinkSync(this.folder('new', name));
      this.entries.delete(name);
      this.refused.delete(entry.origin);
      if (this.failing.delete(entry.origin)) this.#recovered(entry.origin, at);
      return;
    }
    const unreachable = status === 0 || status >= 500;
    const forbidden = status === 401 || status === 403;
    Object.assign(entry, { failures: entry.failures + 1, failedAt: at, notBefore: 0, unreachable });
    if (status) this.refused[forbidden ? 'add' : 'delete'](entry.origin);
    if (unreachable || forbidden || status === 408 || status === 429) {
      this.failing.add(entry.origin);
      entry.misroutedSince = 0;
    } else {
      entry.misroutedSince ||= at;
    }
    if (POISON.includes(status)) {
      this.#bury(name, 'refused', answer);
    } else if (entry.misroutedSince && at - entry.misroutedSince >= DAY * this.scale) {
      this.#bury(name, 'gave_up', answer);
    } else {
      const retryAfter = Math.min(600, Number.parseInt(answer?.headers['retry-after'], 10) || 0);
      const least = Math.max(forbidden ? 60 : 0, retryAfter);
      if (least) entry.notBefore = at + least * this.scale;
      const wait = WAITS[Math.min(entry.failures, WAITS.length) - 1] * (0.8 + 0.4 * Math.random());
      entry.due = Math.max(at + wait * this.scale, entry.notBefore);
    }
  }

  #recovered(origin, at) {
    for (const other of this.entries.values()) {
      if (other.origin !== origin || !other.failures) continue;
      other.due = Math.min(other.due, at + Math.random() * 5 * this.scale);
      other.unreachable = false;
    }
  }

  /** The oldest unreachable entry of a failing origin waits 5 s at most. */
  #hurryProbes() {
    const seen = new Set();
    for (const [, entry] of this.#oldestFirst()) {
      if (!entry.unreachable || !this.failing.has(entry.origin) || seen.has(entry.origin)) continue;
      seen.add(entry.origin);
      const soon = Math.max(entry.failedAt + 5 * this.scale, entry.notBefore);
      entry.due = Math.min(entry.due, soon);
    }
  }

  #bury(name, reason, answer) {
    const { detail = '', errors = [] } = answer ? problemOf(answer.body) : {};
    const status = answer?.status ?? 0;
    const told = { reason, status, detail, errors, at: new Date().toISOString() };
    this.log(`outbox entry is dead: ${reason} ${status}`);
    const data = Buffer.from(JSON.stringify(told));
    const moved = this.#onDisk(() => {
      writeDurably(this.folder('dead'), `${name}.reason.json`, data);
      fs.renameSync(this.folder('new', name), this.folder('dead', name));
    });
    const entry = this.entries.get(name);
    if (moved) this.entries.delete(name);
    else if (entry) entry.due = now() + 60 * this.scale; // tried again, with its next failure
  }

  /** Waits until all is delivered, `seconds` at most; what is left stays on disk. */
  async flush(seconds) {
    const until = now() + seconds;
    while (this.entries.size && now() < until) await sleep(0.02);
  }
}
