// The runtime config (§3): asked for once a call, read with all defaults filled in.
import { randomUUID } from 'node:crypto';
import { sleep } from './async.mjs';
import { configOutcome, isObject, isUrl, matches, parseObject, Refused } from './contract.mjs';
import { send, TooLarge, Unreachable } from './web.mjs';

const LONGEST_URL = 16 * 1024;
const REQUIRED = Symbol('required');
const CONFIG = [ // path, type, default, smallest, largest (of a number, or bytes of a text)
  ['session_id', 'string', REQUIRED, 1, 128], ['webhook_url', 'url', REQUIRED],
  ['system_prompt', 'string', REQUIRED, 0, 262144],
  ['opening_message', 'string', REQUIRED, 0, 8192],
  ['bot_id', 'string', '', 0, 1024], ['config_version', 'string', '', 0, 1024],
  ['timezone', 'string', 'UTC', 0, 64], ['opening.delay_ms', 'int', 0, 0, 5000],
  ['opening.interruptible', 'boolean', false], ['re_engagement.enabled', 'boolean', true],
  ['re_engagement.timeout_seconds', 'number', 8, 2, 120],
  ['re_engagement.max_attempts', 'int', 2, 0, 10], ['re_engagement.messages', 'list', [], 0, 10],
  ['re_engagement.end_message', 'string', '', 0, 1024], ['dead_air_seconds', 'int', 60, 10, 600],
  ['max_call_duration_seconds', 'int', 600, 10, 14400],
  ['max_duration_message', 'string', '', 0, 8192], ['min_words_interruption', 'int', 3, 0, 20],
  ['interruption.enabled', 'boolean', true],
  ['interruption.backchannels', 'list', ['haan', 'hmm', 'okay', 'ji'], 0, 200],
  ['interruption.high_intent_phrases', 'list', ['wrong number', 'already paid', 'agent',
    'settlement', 'galat number', 'paise de diye', 'agent se baat'], 0, 200],
  ['vad.start_secs', 'number', 0.2, 0, 5], ['vad.stop_secs', 'number', 0.8, 0, 5],
  ['voicemail_message', 'string', '', 0, 8192], ['pre_transfer_message', 'string', '', 0, 8192],
  ['post_call_analysis_prompt', 'string', '', 0, 65536], ['auto_dispositions', 'object', {}],
  ['transfer_numbers', 'map', {}, 0, 64],
  ...['stt', 'llm', 'tts'].flatMap((block) => [[`${block}.provider`, 'string', '', 0, 1024],
    [`${block}.model`, 'string', '', 0, 1024], [`${block}.extra`, 'object', {}]]),
];
const TARGET_VALUES = {
  sip_uri: 'sip:.*', tel_uri: 'tel:.*', phone_number: '\\+?[0-9]{3,20}',
  extension: '[0-9A-Za-z*#_.-]{1,32}', agent_queue: '[A-Za-z0-9_-]{1,64}',
};

function valueFault(kind, value, low, high) {
  if (kind === 'int' || kind === 'number') {
    if (typeof value !== 'number' || (kind === 'int' && !Number.isInteger(value))) {
      return 'expected number';
    }
    return value >= low && value <= high ? '' : `must be ${low} to ${high}`;
  }
  if (kind === 'url') return isUrl(value) ? '' : 'expected an absolute http(s) URL';
  if (kind === 'map') {
    const good = isObject(value) && Object.values(value).every((item) => typeof item === 'string');
    return good && Object.keys(value).length <= high ? '' : `expected at most ${high} texts`;
  }
  if (kind === 'object') return isObject(value) ? '' : 'expected object';
  if (kind === 'list') {
    const good = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return good && value.length <= high ? '' : `expected list of at most ${high} strings`;
  }
  if (typeof value !== kind) return `expected ${kind}`;
  if (kind === 'boolean') return '';
  const size = Buffer.byteLength(value);
  return size >= low && size <= high ? '' : `must be ${low} to ${high} bytes`;
}

/**
 * [config, warnings]: the config flat, by dotted path, every default filled in. Throws Refused when
 * the call cannot run on it. Bad tools and targets only cost themselves (§1.2).
 */
export function readConfig(raw, production) {
  const document = parseObject(raw);
  const errors = [];
  const out = {};
  for (const [path, kind, otherwise, low, high] of CONFIG) {
    const [group, name] = path.includes('.') ? path.split('.') : [null, path];
    const holder = (group ? document[group] : document) ?? {};
    if (!isObject(holder)) {
      errors.push([`/${group}`, 'expected object']);
      continue;
    }
    const value = holder[name] ?? otherwise;
    const fault = value === REQUIRED ? 'required'
      : value !== otherwise && valueFault(kind, value, low, high);
    if (fault) errors.push([`/${path.replace('.', '/')}`, fault]);
    out[path] = value;
  }
  for (const block of ['stt', 'llm', 'tts']) {
    if (production && !out[`${block}.provider`]) errors.push([`/${block}/provider`, 'required']);
    out[`${block}.provider`] ||= 'simulated';
  }
  if (errors.length) throw new Refused(422, 'invalid', 'Invalid config', errors);
  out['re_engagement.enabled'] &&= (document.re_engagement ?? null) !== null;
  const warnings = [];
  for (const [name, check] of [['tools', toolFault], ['transfer_targets', targetFault]]) {
    const seen = new Set();
    out[name] = (Array.isArray(document[name]) ? document[name] : []).filter((item, at) => {
      const found = check(item, seen);
      if (found) warnings.push([`/${name}/${at}${found[0]}`, found[1]]);
      return !found;
    });
  }
  return [out, warnings];
}

function toolFault(tool, seen) {
  if (!isObject(tool)) return ['', 'expected object'];
  if (tool.type !== 'function' || !isObject(tool.function)) {
    return ['/function', 'expected a function'];
  }
  const { name } = tool.function;
  if (typeof name !== 'string' || !matches('[A-Za-z0-9_-]{1,64}', name)) {
    return ['/function/name', 'required'];
  }
  if (seen.has(name)) return ['/function/name', 'must be unique'];
  seen.add(name);
  return null;
}

function targetFault(target, seen) {
  if (!isObject(target)) return ['', 'expected object'];
  for (const name of ['label', 'method', 'type', 'value']) {
    if (typeof target[name] !== 'string' || !target[name]) return [`/${name}`, 'required'];
  }
  if (target.label.length > 80) return ['/label', 'too long'];
  if (!matches(TARGET_VALUES[target.type] ?? '.*', target.value)) {
    return ['/value', 'not of its type'];
  }
  if ((target.id ?? null) === null) return null;
  if (seen.has(target.id)) return ['/id', 'must be unique'];
  seen.add(target.id);
  return null;
}

const encoded = (members) => Object.entries(members)
  .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');

/** {outcome, config?, warnings?} by §3.1 and §11.3: up to three tries, one fetch_id. */
export async function fetchConfig(call, configUrl, headers, settings) {
  const { fields, event, transport } = call;
  const request = {
    caller_id: fields.caller_id ?? '', stream_id: fields.stream_id ?? '', connected_event: event,
    transport, fetch_id: randomUUID(),
  };
  const base = `${configUrl.replace(/\/+$/, '')}/${encodeURIComponent(fields.bot_id)}`;
  let method = 'GET';
  let body;
  let url = `${base}?${encoded({ ...request, connected_event: JSON.stringify(event) })}`;
  if (url.length > LONGEST_URL) {
    [method, url, body] = ['POST', base, Buffer.from(JSON.stringify(request))];
  }
  const until = performance.now() / 1000 + 8;
  let outcome = 'unavailable';
  for (const pause of [0.2, 0.6, null]) {
    const left = until - performance.now() / 1000;
    try {
      const answer = await send(method, url, headers, body, { total: Math.min(5, left) });
      outcome = configOutcome(answer.status, problemOf(answer.body));
      if (outcome === 'ok') {
        const [config, warnings] = readConfig(answer.body, settings.production);
        return { outcome, config, warnings };
      }
    } catch (fault) {
      if (fault instanceof TooLarge || fault instanceof Refused) return { outcome: 'malformed' };
      if (!(fault instanceof Unreachable)) throw fault;
      outcome = 'unavailable';
    }
    const goesOn = outcome === 'unavailable' && pause !== null
      && until - performance.now() / 1000 > pause;
    if (!goesOn) break;
    await sleep(Math.random() * pause * settings.scale);
  }
  return { outcome };
}

export function problemOf(body) {
  try {
    const value = JSON.parse(body.toString());
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
