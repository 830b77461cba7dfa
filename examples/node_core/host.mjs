// The worker: routes, slots, the life of a call from its start to its result in the outbox (§7, §8,
// §11). What is said in the call is the business of bot.mjs.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Cut, sleep } from './async.mjs';
import { Conversation } from './bot.mjs';
import { Call, VERSION } from './call.mjs';
import { fetchConfig } from './config.mjs';
import * as contract from './contract.mjs';
import { HEALTH } from './health.mjs';
import { Dialler, Exotel, Gone, Room } from './media.mjs';
import { Outbox } from './outbox.mjs';
import * as party from './party.mjs';
import { acceptUpgrade, readBody, refuseUpgrade, send, SocketFault, TooLarge } from './web.mjs';

const { Refused } = contract;
const MOST_BODY = 256 * 1024;
const REPEATABLE = ['/attach', '/livekit/dialout'];

export const log = (text) => process.stderr.write(`${text}\n`);
const seconds = () => performance.now() / 1000;

export class Core {
  calls = new Map();

  rooms = new Map();

  remembered = new Map();

  draining = false;

  constructor(settings) {
    Object.assign(this, { settings, scale: settings.scale });
    this.outbox = new Outbox(settings.outboxDir, settings.workerId, () => this.headers(),
      this.scale, log);
  }

  headers() {
    const [secret] = this.settings.secrets;
    return {
      'X-CXBCore-Secret': secret, 'X-CXB-Core-Secret': secret,
      'X-CXB-Worker': `${hostname()}/${this.settings.workerId}`, 'User-Agent': VERSION,
    };
  }

  /** False: another process has this outbox. */
  async open() {
    if (!await this.outbox.open()) return false;
    this.settleCrashed();
    this.outbox.run();
    setInterval(() => this.#lookAfterSiblings(), 60_000 * this.scale);
    return true;
  }

  /** Each call that a crash cut off gets its result. */
  settleCrashed() {
    for (const [session, journal] of this.outbox.leftovers(this.calls)) {
      const call = new Call(journal.call_id, { bot_id: journal.bot_id }, '', null,
        this.settings.workerId);
      call.started = new Date(journal.started_at);
      const result = call.minimal(session, 'error', 'worker_crashed');
      result.call_direction = journal.more?.direction;
      if (this.outbox.put(result, journal.webhook_url || journal.results_url)) {
        this.outbox.endCall(call.id);
      }
    }
  }

  async #lookAfterSiblings() {
    await this.outbox.adopt();
    this.settleCrashed();
  }

  most() {
    return this.draining || this.outbox.full() ? this.calls.size : this.settings.mostCalls;
  }

  // --- routes ---
  /** For http.createServer. */
  async serve(request, response) {
    const requestId = request.headers['x-request-id'] || randomUUID();
    response.setHeader('X-Request-Id', requestId);
    let status = 200;
    let value;
    try {
      value = await this.#route(request, response);
      if (value.status === 'not_ready') status = 503;
    } catch (fault) {
      let refused = fault;
      if (fault instanceof TooLarge) refused = new Refused(413, 'too_large', 'Body too large');
      if (!(refused instanceof Refused)) { // a bug costs one request
        log(`request: ${fault.stack}`);
        refused = new Refused(500, 'internal', 'Internal Server Error');
      }
      status = refused.status;
      value = refused.body(requestId);
    }
    response.writeHead(status, {
      'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
    });
    response.end(JSON.stringify(value));
  }

  async #route(request, response) {
    const path = new URL(request.url, 'http://core').pathname;
    const open = Object.hasOwn(HEALTH, path);
    const sent = contract.sentSecrets(request.rawHeaders);
    if (!open && !contract.authorised(sent, this.settings.secrets)) {
      throw new Refused(403, 'forbidden', 'Invalid core secret');
    }
    const starts = Object.hasOwn(contract.START_FIELDS, path);
    if (!open && !starts) throw new Refused(404, 'not_found', 'Not Found');
    const allowed = starts ? ['POST'] : ['GET', 'HEAD'];
    if (!allowed.includes(request.method)) {
      response.setHeader('Allow', allowed.join(', '));
      throw new Refused(405, 'method_not_allowed', 'Method Not Allowed');
    }
    if (open) return HEALTH[path](this);
    const kind = (request.headers['content-type'] ?? 'application/json').split(';')[0].trim();
    if (kind.toLowerCase() !== 'application/json') {
      throw new Refused(415, 'unsupported_type', 'Content-Type must be application/json');
    }
    const raw = await readBody(request, MOST_BODY);
    const key = REPEATABLE.includes(path) && request.headers['idempotency-key'];
    return key ? this.#startOnce(key, path, raw, response) : this.#start(path, raw, response);
  }

  // --- §7: call starts ---
  async #startOnce(key, path, raw, response) {
    const known = this.remembered.get(key);
    if (known && !known.raw.equals(raw)) {
      throw new Refused(422, 'idempotency_key_reused', 'Idempotency-Key was used before');
    }
    if (known) return known.answer;
    const answer = await this.#start(path, raw, response);
    this.remembered.set(key, { raw, answer });
    if (this.remembered.size > 1000) this.remembered.delete(this.remembered.keys().next().value);
    return answer;
  }

  async #start(path, raw, response) {
    const [fields, ignored] = contract.readStart(path, raw, this.settings.configHosts);
    const transport = contract.TRANSPORTS[path];
    const dials = transport === 'livekit_outbound';
    const dispatched = transport === 'livekit_inbound';
    if (!this.settings.roomMedia) {
      throw new Refused(503, 'unavailable', 'LiveKit is not configured');
    }
    if (dials) fields.to_number = contract.normaliseNumber(fields.to_number);
    fields.caller_id = fields.to_number || fields.caller_number
      || (fields.caller_id ?? (transport === 'widget' ? 'widget-user' : ''));
    const id = fields.dial_id ?? fields.call_id ?? randomUUID();
    if (this.draining && dispatched) throw new Refused(503, 'unavailable', 'Draining');
    if (this.calls.has(id)) throw new Refused(409, 'already_exists', 'This call is running');
    if (this.calls.size >= this.most()) throw new Refused(429, 'at_capacity', 'At capacity');
    if (dials) fields.room_name = `dialout-${id}`;
    const script = party.readScript(fields.connected_event?.sim_script, 'polite');
    const direction = dials || transport === 'attach' ? 'outbound' : 'inbound';
    const room = new Room(transport, direction, this.scale, script);
    const call = new Call(id, fields, transport, room, this.settings.workerId);
    this.calls.set(id, call);
    try {
      if (dispatched) fields.bot_id = await this.#lookUp(fields.dialed_number);
      if (!this.#journal(call)) {
        throw new Refused(503, 'unavailable', 'Call journal cannot be written');
      }
    } catch (fault) {
      this.calls.delete(id);
      throw fault;
    }
    if (ignored.length) response.setHeader('X-CXB-Ignored-Fields', ignored.join(','));
    const earlier = this.rooms.get(fields.room_name);
    if (earlier) {
      earlier.evicted = true; // one bot per room: the newer one has it
      earlier.stop('evicted');
    }
    this.rooms.set(fields.room_name, call);
    setImmediate(() => this.#runCall(call));
    const answer = { status: 'accepted', call_id: id };
    if (direction === 'outbound') answer.room_name = fields.room_name;
    return answer;
  }

  /** The bot of a dialled number (§3.8). In a real room the caller would be removed here. */
  async #lookUp(number) {
    const base = contract.apiBase(this.settings.configUrl);
    const url = `${base}/sip/lookup?number=${encodeURIComponent(number)}`;
    let answer;
    try {
      answer = await send('GET', url, this.headers(), undefined, { total: 3 });
      if (answer.status === 200) return contract.parseObject(answer.body).bot_id;
    } catch (fault) {
      log(`number lookup: ${fault.message}`);
    }
    if (answer?.status === 404) throw new Refused(404, 'not_found', 'No bot for this number');
    throw new Refused(503, 'unavailable', 'Number lookup failed');
  }

  // --- §9: sockets ---
  /** For the server's `upgrade` event. */
  upgrade(request, socket, head) {
    socket.on('error', () => {});
    let [to, found, botId] = [];
    try {
      to = new URL(request.url, 'http://core');
      found = /^\/(ws|exotel)\/([^/]+)$/.exec(to.pathname);
      botId = found && decodeURIComponent(found[2]);
    } catch {
      // no such path
    }
    if (!botId) {
      refuseUpgrade(socket, 404);
      return;
    }
    const { wsAuth, secrets } = this.settings;
    const good = secrets.map((secret) => contract.websocketToken(secret, botId));
    if (wsAuth === 'token' && !contract.authorised([to.searchParams.get('t') ?? ''], good)) {
      const refused = new Refused(403, 'forbidden', 'Invalid token');
      refuseUpgrade(socket, 403, JSON.stringify(refused.body()));
      return;
    }
    const ws = acceptUpgrade(request, socket, head);
    if (ws) this.#talkOn(ws, found[1] === 'ws' ? Dialler : Exotel, botId);
  }

  async #talkOn(ws, Kind, botId) {
    if (this.calls.size >= this.most()) {
      await ws.close(1008, 'At capacity');
      return;
    }
    const line = new Kind(ws, this.scale);
    const call = new Call(randomUUID(), { bot_id: botId }, line.transport, line,
      this.settings.workerId);
    this.calls.set(call.id, call);
    ws.keepAlive(20 * this.scale);
    let [code, reason] = [1000, ''];
    try {
      await line.greet();
      call.setEvent(contract.withoutReserved(line.event));
      Object.assign(call.fields, { caller_id: line.callerId, stream_id: line.streamId });
      code = this.#journal(call) ? await this.#runCall(call) : 1011;
    } catch (fault) {
      if (!(fault instanceof SocketFault) && !(fault instanceof Gone)) throw fault;
      if (fault instanceof SocketFault) [code, reason] = [fault.closeCode, fault.message];
    } finally {
      this.calls.delete(call.id);
    }
    await ws.close(code, reason);
  }

  // --- one call ---
  #configUrl(call) {
    return call.fields.config_url ?? this.settings.configUrl;
  }

  #journal(call, config) {
    return this.outbox.beginCall({
      v: 1, call_id: call.id, session_id: call.sessionId,
      campaign_session_id: call.campaignSession, bot_id: call.fields.bot_id,
      results_url: contract.resultsUrl(this.#configUrl(call)),
      webhook_url: config?.webhook_url ?? '', started_at: call.started.toISOString(),
      more: { direction: call.line.direction },
    });
  }

  /**
   * Config, conversation, result; gives the close code for a socket. The slot is free when the
   * result is durable.
   */
  async #runCall(call) {
    let url = contract.resultsUrl(this.#configUrl(call));
    const own = call.campaignSession || call.id;
    let result = null;
    let code = 1000;
    try {
      const { outcome, config, warnings } = await fetchConfig(call, this.#configUrl(call),
        this.headers(), this.settings);
      if (config) {
        call.sessionId = config.session_id;
        url = config.webhook_url;
        this.#journal(call, config);
        result = await this.#talk(call, config, warnings);
      } else {
        log(`config refused: ${outcome}`);
        code = 1011;
        const word = contract.disconnectWord(outcome, call.transport);
        const posts = word && ['attach', 'livekit_outbound'].includes(call.transport);
        if (posts) result = call.minimal(own, word);
      }
    } catch (fault) {
      // Either the peer broke the handshake, or a bug, which ends its call and not the worker.
      if (fault instanceof SocketFault) code = fault.closeCode;
      else log(`call ended by a fault: ${fault.stack}`);
      result = call.minimal(call.sessionId || own, 'error',
        fault instanceof SocketFault ? 'handshake' : 'handler_failed');
    }
    if (call.evicted) {
      const keeps = call.sessionId && !call.campaignSession;
      result = keeps ? call.minimal(call.sessionId, 'superseded') : null;
    }
    if (!result || this.outbox.put(result, url) || await this.#post(result, url)) {
      this.outbox.endCall(call.id);
    }
    if (this.rooms.get(call.fields.room_name) === call) this.rooms.delete(call.fields.room_name);
    this.calls.delete(call.id);
    return code;
  }

  /** Directly, where the disk took nothing: 5 tries. */
  async #post(result, url) {
    for (const wait of [0, 0.5, 1, 2, 4]) {
      await sleep(wait * this.scale);
      try {
        const { status } = await send('POST', url, this.headers(),
          Buffer.from(JSON.stringify(result)));
        if ([2, 4].includes(Math.floor(status / 100))) return true;
      } catch (fault) {
        log(`result not delivered: ${fault.message}`);
      }
    }
    return false;
  }

  async #talk(call, config, warnings) {
    const { line, transport } = call;
    const bot = new Conversation(config, line, transport, this.scale);
    call.bot = bot;
    bot.log('call_started', { transport });
    for (const [pointer, reason] of warnings) bot.log('config_warning', { pointer, reason });
    const snapshot = {
      transport, worker_id: this.settings.workerId, config_version: config.config_version,
    };
    for (const kind of ['stt', 'llm', 'tts']) {
      const provider = config[`${kind}.provider`];
      snapshot[kind] = { provider, model: config[`${kind}.model`] };
      if (!['simulated', 'scripted'].includes(provider)) {
        bot.log('service_error', { code: 'unsupported_provider', message: 'simulated instead',
          retried: false, fallback_used: true }, kind);
      }
    }
    line.prepare(bot, config);
    const refusal = await (line instanceof Room
      ? this.#joinRoom(call, line) : this.#joinSocket(call, line));
    if (refusal || call.evicted) return refusal;
    const script = line.script ?? this.#scriptOf(call);
    const over = new AbortController();
    party.play(script, bot, this.scale, over.signal).catch((fault) => {
      if (!(fault instanceof Cut)) log(`simulated party: ${fault.message}`);
    });
    try {
      await bot.run();
    } finally {
      over.abort();
    }
    const event = Object.keys(call.event).length ? call.event : undefined;
    return { ...call.base(call.sessionId), ...bot.result(), pipeline_config: snapshot,
      connected_event: event };
  }

  #scriptOf(call) {
    return party.readScript(this.settings.production ? '' : call.event.sim_script, 'silent');
  }

  /** A result when the call is over before it was answered. */
  async #joinRoom(call, line) {
    if (call.transport !== 'livekit_outbound') return null;
    const { after_ms: after = 1500, sip_status: status } = line.script.answer ?? {};
    await sleep((after / 1000) * this.scale);
    if (!status) return null;
    const words = { 408: 'no_answer', 480: 'no_answer', 486: 'rejected', 603: 'rejected' };
    return call.minimal(call.sessionId, words[status] ?? 'error');
  }

  async #joinSocket(call, line) {
    if (!await line.isAnswered()) return call.minimal(call.sessionId, 'customer');
    line.listen().catch((fault) => {
      log(`line: ${fault.stack}`);
      call.stop('stop', 'handler_failed');
    });
    return null;
  }

  // --- §11.5 ---
  async drain(longest) {
    this.draining = true;
    await this.#idle(longest);
    this.stopCalls();
    await this.#idle(20);
    await this.outbox.flush(10 * this.scale);
  }

  async #idle(longest) {
    const until = seconds() + longest;
    while (this.calls.size && seconds() < until) await sleep(0.02);
  }

  stopCalls() {
    for (const call of this.calls.values()) call.stop('stop', 'drain_deadline');
  }
}
