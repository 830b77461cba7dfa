// The conversation of one call: what the bot says and when, what it makes of what it hears, how the
// call ends (§3.2, §3.5, §4). The model follows rules and speech is simulated; put a real model
// behind `Model.answer`, and real recognition and synthesis behind the line (media.mjs).
import { Change, Cut, Mailbox, sleep, timeLimit } from './async.mjs';
import { autoDisposition, chooseTarget, cuts, skipAnalysis } from './contract.mjs';

const SECONDS_PER_CHARACTER = 0.06;
const DEFAULT_RULES = [
  {
    when: { match: 'leave .{0,12}message|after the (tone|beep)|voice ?mail|mailbox' },
    tool: { name: 'detected_voicemail' },
  },
  {
    when: { match: 'wrong number|galat number' }, say: 'I am sorry for the trouble. Goodbye.',
    tool: { name: 'end_call' },
  },
  {
    when: { match: '\\b(agent|human)\\b' }, say: 'Of course.',
    tool: { name: 'transfer_call', arguments: { reason: 'The caller asked for an agent.' } },
  },
  {
    when: { match: '\\b(goodbye|good bye|bye|alvida)\\b' }, say: 'Thank you. Goodbye.',
    tool: { name: 'end_call' },
  },
  { when: { tool_result: true }, say: 'I am sorry, that is not possible. Anything else?' },
  { when: { silence: true }, say: 'Hello, are you still there?' },
];

const now = () => performance.now() / 1000;

/**
 * Rules of `llm.extra.script`: {rules: [{when: {match|turn|tool_result|silence|always}, say, tool:
 * {name, arguments}}], default, analysis}.
 */
class Model {
  constructor(script, tools) {
    this.rules = script ? script.rules ?? [] : DEFAULT_RULES;
    this.otherwise = script ? script.default ?? '' : 'You said: {{user}}';
    this.analysis = script?.analysis;
    this.tools = tools;
  }

  /** {say, calls: [[tool, arguments]]}; cause: user, tool_result or silence. */
  answer(cause, text, turn) {
    const found = this.rules.find((rule) => Model.#holds(rule.when ?? {}, cause, text, turn))
      ?? this.otherwise;
    const rule = typeof found === 'string' ? { say: found } : found;
    const calls = [rule.tool ?? []].flat().filter((call) => this.tools.includes(call.name));
    return {
      say: (rule.say ?? '').replaceAll('{{user}}', text).replaceAll('{{result}}', text),
      calls: calls.map((call) => [call.name, call.arguments ?? {}]),
    };
  }

  static #holds(when, cause, text, turn) {
    if (when.always) return true;
    if (cause !== 'user') return Boolean(when[cause]);
    if (when.turn === undefined && when.match === undefined) return false;
    return (when.turn ?? turn) === turn && new RegExp(when.match ?? '', 'i').test(text);
  }
}

/** One answered call on a line. `run` returns when it is over; then `result` tells of it. */
export class Conversation {
  constructor(config, line, transport, scale) {
    Object.assign(this, { config, line, transport, scale });
    const names = config.tools.map((tool) => tool.function.name);
    this.model = new Model(config['llm.extra'].script, names);
    this.mailbox = new Mailbox();
    this.change = new Change();
    this.transcript = [];
    this.events = [];
    this.transfer = {};
    this.word = null; // how it ended
    this.closing = null; // how it is about to end
    this.act = null; // what speaks and uses tools now: {abort, done, promise}
    this.said = null; // the sentence being spoken: {rule}
    this.spoken = []; // sentences spoken, for a simulated party
    this.userSpeaking = false;
    this.turn = 0;
    this.attempts = 0;
    this.answered = null;
  }

  // --- facts ---
  /** From the line: interim, final, dtmf (text), voice (on or off), left, stop (a code). */
  post(kind, value) {
    this.mailbox.put([kind, value]);
  }

  seconds() {
    return this.answered === null ? 0 : Math.round((now() - this.answered) * 1000) / 1000;
  }

  log(type, data, name) {
    const event = { type, timestamp: new Date().toISOString(), at_seconds: this.seconds() };
    event.turn = this.turn;
    if (name) event.name = name;
    if (data) event.data = data;
    this.events.push(event);
  }

  get resting() {
    return this.act === null || this.act.done;
  }

  #tell() {
    this.touched = now();
    this.change.tell();
  }

  // --- the call ---
  async run() {
    this.answered = now();
    this.answeredAt = new Date();
    this.#tell();
    this.log('call_answered');
    this.#start((signal) => this.#open(signal));
    while (this.word === null) {
      const got = await this.mailbox.get(this.#nextTimer());
      if (got === undefined) this.#timer();
      else this.#heard(...got);
    }
    this.act.abort.abort();
    await this.act.promise;
    this.log('call_ended', { disconnected_by: this.word, raw_reason: this.raw });
    this.endedAt = new Date();
    try {
      if (this.word !== 'customer') await this.line.hangUp();
    } catch (fault) {
      if (!fault.code) throw fault; // else the peer was faster
    }
  }

  #start(steps) {
    const act = { abort: new AbortController(), done: false };
    const over = (fault) => {
      act.done = true;
      this.#tell();
      if (!fault || fault instanceof Cut) this.post('rested');
      else if (fault.code) this.post('left'); // the socket broke while we spoke
      else this.post('stop', 'handler_failed');
    };
    this.act = act;
    act.promise = steps(act.abort.signal).then(() => over(), over);
  }

  async #open(signal) {
    await sleep((this.config['opening.delay_ms'] / 1000) * this.scale, signal);
    if (!this.config.opening_message) return;
    this.log('opening_message');
    const rule = this.config['opening.interruptible'] ? 'open' : 'guarded';
    await this.#say(signal, this.config.opening_message, rule);
  }

  async #say(signal, text, rule = 'open') {
    if (!text) return;
    const begun = now();
    const startSeconds = this.seconds();
    const { turn } = this;
    const length = text.length * SECONDS_PER_CHARACTER * this.scale;
    let played = text;
    this.said = { rule };
    this.#tell();
    try {
      await this.line.play(length, signal);
    } catch (fault) {
      const words = text.split(/\s+/);
      const part = Math.min(1, (now() - begun) / length);
      played = words.slice(0, Math.floor(words.length * part)).join(' ');
      throw fault;
    } finally {
      this.said = null;
      if (played) {
        this.spoken.push(played);
        this.transcript.push({
          role: 'assistant', content: played, start_seconds: startSeconds,
          end_seconds: this.seconds(), turn, interrupted: played !== text,
        });
      }
      this.#tell();
    }
  }

  /** Says what is due, which nothing cuts; then the call is over. Leaving meanwhile does not change
   * the word. */
  async #finish(signal, word, ...lines) {
    this.closing ??= word;
    for (const text of lines) await this.#say(signal, text, 'final');
    this.word ??= this.closing;
  }

  /** One answer of the model; a tool's failure is put to it again, a few rounds at most. */
  async #answer(signal, cause, text = '') {
    for (let round = 0; round < 4; round += 1) {
      const { say, calls } = this.model.answer(cause, text, this.turn);
      await this.#say(signal, say);
      let failure = null;
      for (const [name, given] of calls) {
        this.log('tool_call', { arguments: given }, name);
        failure = await this.#use(signal, name, given);
        this.log('custom_tool_result', failure ? { error: failure } : {}, name);
      }
      if (failure === null) return;
      [cause, text] = ['tool_result', failure];
    }
  }

  /** A builtin tool. Text: why it did not work. */
  async #use(signal, name, given) {
    switch (name) {
      case 'end_call':
        await this.#finish(signal, 'bot');
        return null;
      case 'detected_voicemail':
        this.log('voicemail_detected');
        await this.#finish(signal, 'voicemail', this.config.voicemail_message);
        return null;
      case 'transfer_call':
        return this.#transfer(signal, given);
      default:
        return 'unknown_tool';
    }
  }

  async #transfer(signal, given) {
    const target = chooseTarget(this.transport, given.target, this.config.transfer_targets,
      this.config.transfer_numbers);
    if (typeof target === 'string') {
      this.log('transfer_failed', { reason: target });
      return target;
    }
    const facts = {
      target: target.id ?? target.label, method: target.method, destination: target.value,
      reason: String(given.reason ?? ''),
    };
    this.log('transfer_requested', facts);
    await this.#say(signal, this.config.pre_transfer_message, 'final');
    this.log('transfer_started', facts);
    const at = this.seconds();
    const failure = await this.line.transfer(target, signal);
    for (const [name, value] of Object.entries(facts)) {
      if (value) this.transfer[`transfer_${name}`] = value;
    }
    this.transfer.was_transferred = !failure;
    if (failure) {
      this.transfer.transfer_failed_reason = failure;
      this.log('transfer_failed', { ...facts, reason: failure });
      return failure;
    }
    this.transfer.transfer_at = at;
    this.log('transfer_succeeded', facts);
    await this.#finish(signal, 'bot');
    return null;
  }

  // --- what the line tells ---
  #heard(kind, value) {
    switch (kind) {
      case 'interim': this.#interim(value); break;
      case 'final': this.#final(value); break;
      case 'dtmf': this.#keys(value); break;
      case 'voice':
        this.userSpeaking = value;
        this.#tell();
        break;
      case 'left':
        this.raw = value;
        this.word ??= this.closing ?? 'customer';
        break;
      case 'stop':
        this.log('service_error', { code: value, message: value, retried: false,
          fallback_used: false }, 'worker');
        this.word ??= 'error';
        break;
      case 'evicted': this.word ??= 'superseded'; break;
      default: // rested: the timers are counted anew
    }
  }

  #interim(text) {
    this.touched = now();
    const cut = this.said && !this.closing && !this.act.abort.signal.aborted
      && cuts(this.config, text, this.said.rule);
    if (!cut) return;
    this.act.abort.abort();
    this.log('interruption', { text });
    this.line.clear().catch(() => this.post('left'));
  }

  #final(text) {
    this.#interim(text);
    // A back-channel, or words into a final line, is no turn.
    if (this.closing || (this.said && !this.act.abort.signal.aborted)) return;
    this.#takeTurn(text);
  }

  #keys(digits) {
    for (const digit of digits) this.log('dtmf', { digit });
    if (!this.closing) this.#takeTurn(`[keypad] ${digits}`);
  }

  #takeTurn(content) {
    this.turn += 1;
    this.attempts = 0;
    const at = this.seconds();
    const item = { role: 'user', content, turn: this.turn, start_seconds: at, end_seconds: at };
    this.transcript.push(item);
    const earlier = this.act.promise;
    this.#start(async (signal) => {
      await earlier;
      await this.#answer(signal, 'user', content);
    });
  }

  // --- silence and length (§3.2) ---
  /** [moment, what to do] of all rules that run now. */
  #timers() {
    if (this.closing) return [];
    const { config, scale } = this;
    const out = [[this.answered + config.max_call_duration_seconds * scale, () => this.#tooLong()]];
    if (this.resting && !this.userSpeaking) {
      out.push([this.touched + config.dead_air_seconds * scale, () => this.#deadAir()]);
      if (config['re_engagement.enabled']) {
        const quiet = config['re_engagement.timeout_seconds'] * scale;
        out.push([this.touched + quiet, () => this.#reEngage()]);
      }
    }
    return out.sort(([a], [b]) => a - b);
  }

  #nextTimer() {
    const [first] = this.#timers();
    return first && Math.max(0, first[0] - now());
  }

  #timer() {
    const [first] = this.#timers();
    if (first && first[0] <= now()) first[1]();
  }

  #tooLong() {
    this.log('max_duration_reached');
    this.closing = 'timeout';
    const speaking = this.act;
    this.#start(async (signal) => {
      await timeLimit(speaking.promise, 3 * this.scale);
      speaking.abort.abort();
      await speaking.promise;
      await this.#finish(signal, 'timeout', this.config.max_duration_message);
    });
  }

  #deadAir() {
    this.log('dead_air');
    this.#start((signal) => this.#finish(signal, 'RNR'));
  }

  #reEngage() {
    const { config } = this;
    if (this.attempts >= config['re_engagement.max_attempts']) {
      this.#start((signal) => this.#finish(signal, 'RNR', config['re_engagement.end_message']));
      return;
    }
    this.attempts += 1;
    this.log('re_engagement', { attempt: this.attempts });
    const lines = config['re_engagement.messages'];
    const text = lines[Math.min(this.attempts, lines.length) - 1];
    this.#start((signal) => (text ? this.#say(signal, text) : this.#answer(signal, 'silence')));
  }

  // --- the result (§4) ---
  /** The members of a call result that the conversation knows. */
  result() {
    const { config, word, transcript } = this;
    const users = transcript.filter((item) => item.role === 'user');
    const spoke = users.length > 0;
    const lasted = (this.endedAt - this.answeredAt) / 1000;
    const out = {
      call_answer_time: this.answeredAt.toISOString(), call_end_time: this.endedAt.toISOString(),
      call_duration_seconds: lasted, disconnected_by: word, has_customer_message: spoke,
      transcript, events: this.events, was_transferred: false, ...this.transfer,
      analysis_status: 'skipped',
    };
    let analysis = autoDisposition(word, spoke, config.auto_dispositions);
    if (!skipAnalysis(word, spoke, lasted) && config.post_call_analysis_prompt) {
      const SUMMARY = users.at(-1).content;
      analysis = this.model.analysis ?? { DISPOSITION: 'SIMULATED', SUMMARY };
      out.analysis_status = 'done';
    }
    if (analysis) out.post_call_analysis = analysis;
    return out;
  }
}
