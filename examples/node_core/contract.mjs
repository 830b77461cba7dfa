// The rules of the contract that need no network: who may call, what bodies may hold, what an
// answer means, where a transfer goes. Section numbers are those of the contract chapter.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_HEADERS = ['x-cxbcore-secret', 'x-cxb-core-secret', 'x-voxcore-secret'];
const WEAK_SECRETS = ['dev-secret', 'secret', 'changeme', 'change-me', 'password', 'test', 'cxb'];
const DEEPEST = 32;
const processKey = randomBytes(32);

/** A request that is answered with a problem document. */
export class Refused extends Error {
  constructor(status, code, detail, errors = []) {
    super(detail);
    Object.assign(this, { status, code, detail, errors });
  }

  body(requestId) {
    const { status, code, detail, errors } = this;
    const out = { type: 'about:blank', title: code, status, detail, error: detail, code };
    if (requestId) out.request_id = requestId;
    if (errors.length) out.errors = errors.map(([pointer, reason]) => ({ pointer, reason }));
    return out;
  }
}

// --- §2.1, §2.2 ----------------------------------------------------------------------------------
/** Is any sent value any valid secret? Every pair is compared, in constant time. */
export function authorised(values, secrets) {
  const mark = (text) => createHmac('sha256', processKey).update(text).digest();
  let good = false;
  for (const value of values.slice(0, 8)) {
    for (const secret of secrets) {
      const same = timingSafeEqual(mark(value), mark(secret));
      good ||= same && value.length > 0 && value.length <= 512;
    }
  }
  return good;
}

/** Values of the secret's headers, each line for itself. */
export function sentSecrets(rawHeaders) {
  return rawHeaders.filter((_, i) => i % 2 && SECRET_HEADERS.includes(
    rawHeaders[i - 1].toLowerCase()));
}

/** Why a secret will not do in production; '' when it will. */
export function weakness(secret) {
  if (WEAK_SECRETS.includes(secret) || new Set(secret).size === 1) {
    return 'is a well-known or repeated word';
  }
  return Buffer.byteLength(secret) >= 32 ? '' : 'is shorter than 32 bytes';
}

export const websocketToken = (secret, botId) =>
  createHmac('sha256', secret).update(`cxb-ws:${botId}`).digest('base64url');

// --- §6, §7: bodies of the call-start routes -----------------------------------------------------
const UUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const numbers = { to_number: '', from_number: '', config_url: 'url', connected_event: 'object' };
// "!" required; else "" any text, "url", "object" or a pattern.
export const START_FIELDS = {
  '/attach': { room_name: '!', bot_id: '!', ...numbers, campaign_call_id: '' },
  '/livekit/dialout': { bot_id: '!', ...numbers, to_number: '!.{3,64}', dial_id: UUID },
  '/livekit/dispatch': {
    room_name: '!', caller_number: '!.*', dialed_number: '!', call_id: '[A-Za-z0-9._:-]{1,128}',
  },
  '/livekit/widget': { bot_id: '!', room_name: '!', caller_id: '' },
};
export const TRANSPORTS = {
  '/attach': 'attach', '/livekit/dialout': 'livekit_outbound',
  '/livekit/dispatch': 'livekit_inbound', '/livekit/widget': 'widget',
};

export const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const matches = (pattern, text) => new RegExp(`^(?:${pattern})$`, 's').test(text);

export function isUrl(text) {
  if (typeof text !== 'string' || text.length > 2048) return false;
  try {
    const to = new URL(text);
    return ['http:', 'https:'].includes(to.protocol) && !to.username && !to.password;
  } catch {
    return false;
  }
}

/** Throws SyntaxError for what the wire does not take (§1.2, §1.3): lone surrogates, 33 levels. */
export function parseJson(text) {
  const value = JSON.parse(text);
  const check = (item, levels) => {
    if (typeof item === 'string' && /\p{Surrogate}/u.test(item)) throw new SyntaxError('surrogate');
    if (typeof item !== 'object' || item === null) return;
    if (!levels) throw new SyntaxError('too deep');
    for (const inner of Object.values(item)) check(inner, levels - 1);
  };
  check(value, DEEPEST);
  return value;
}

export function parseObject(raw) {
  let value;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw));
  } catch {
    throw new Refused(400, 'malformed', 'Body is not JSON');
  }
  if (isObject(value)) return value;
  throw new Refused(422, 'invalid', 'Invalid body', [['', 'expected object']]);
}

function startFault(rule, value) {
  if (value === undefined || value === null) return rule.startsWith('!') ? 'required' : '';
  if (rule === 'object') {
    if (!isObject(value)) return 'expected object';
    const fits = Object.keys(value).length <= 200 && JSON.stringify(value).length <= 65536;
    return fits ? '' : 'too large';
  }
  if (typeof value !== 'string') return 'expected string';
  if (rule === 'url') return isUrl(value) ? '' : 'expected an absolute http(s) URL';
  if (Buffer.byteLength(value) > 1024) return 'too long';
  const pattern = rule.replace(/^!/, '') || (rule ? '.+' : '.*');
  return matches(pattern, value) ? '' : 'not of the expected form';
}

/** [fields, ignored names] of a call-start body; all faults at once. */
export function readStart(path, raw, hosts) {
  const value = parseObject(raw);
  const rules = START_FIELDS[path];
  const errors = Object.entries(rules)
    .map(([name, rule]) => [`/${name}`, startFault(rule, value[name])])
    .filter(([, fault]) => fault);
  const url = value.config_url;
  if (!errors.length && url && hosts.length && !hosts.includes(new URL(url).hostname)) {
    errors.push(['/config_url', 'host not allowed']);
  }
  if (errors.length) throw new Refused(422, 'invalid', 'Invalid body', errors);
  const fields = Object.fromEntries(Object.keys(rules)
    .filter((name) => value[name] !== undefined && value[name] !== null)
    .map((name) => [name, value[name]]));
  return [fields, Object.keys(value).filter((name) => !Object.hasOwn(rules, name))];
}

export function normaliseNumber(text) {
  const digits = text.replace(/[ \-.()]/g, '');
  return /^91\d{10}$/.test(digits) ? `+${digits}` : digits;
}

// --- §3.1: config request and its answers --------------------------------------------------------
const RESERVED = ['_campaign_session_id', '_campaign_id', '_campaign_call_id',
  '_campaign_attempt', '_campaign_run_number', '_skip_prefetch', '_skip_post_push', '_mock_crm',
  'sip_candidate_headers'];

/** Variables from a stranger: members that steer a call are taken out. */
export const withoutReserved = (event) => Object.fromEntries(Object.entries(event)
  .filter(([name]) => !RESERVED.includes(name) && !name.startsWith('_cxb_')));

/** `problem`: the answer's body if it is an object, for its detail and code. */
export function configOutcome(status, problem) {
  const detail = String(problem.detail || problem.error || '');
  const plain = { 200: 'ok', 403: 'refused', 404: 'bot_not_found' }[status];
  if (plain) return plain;
  if (status === 409 && String(problem.code || detail).startsWith('session_completed')) {
    return 'session_completed';
  }
  const words = {
    'outside_active_hours:': 'outside_hours', 'bot_inactive:': 'bot_inactive',
    'bot_incomplete:': 'bot_incomplete', 'crm_prefetch_failed:': 'prefetch_refused',
  };
  const start = status === 503 && Object.keys(words).find((word) => detail.startsWith(word));
  return start ? words[start] : 'unavailable';
}

/** `disconnected_by` of a call that ends for want of a config; null: nothing is posted. */
export function disconnectWord(outcome, transport) {
  if (outcome === 'session_completed') return null;
  return outcome === 'outside_hours' && transport !== 'widget' ? 'outside_hours' : 'error';
}

export const apiBase = (configUrl) => configUrl.replace(/\/+$/, '').replace(/\/config$/, '');
export const resultsUrl = (configUrl) => `${apiBase(configUrl)}/call-results`;

// --- §3.5 ----------------------------------------------------------------------------------------
const ROOMS = ['livekit_inbound', 'livekit_outbound', 'attach'];
const KINDS = {
  websocket_reverse_transfer: ['extension', 'phone_number', 'sip_uri', 'tel_uri'],
  livekit_sip_refer: ['sip_uri', 'tel_uri', 'phone_number'],
  agent_desk: ['agent_queue'],
};

function nativeMethod(transport) {
  if (transport === 'websocket') return 'websocket_reverse_transfer';
  return ROOMS.includes(transport) ? 'livekit_sip_refer' : null;
}

function isUsable(transport, target) {
  if (!KINDS[target.method]?.includes(target.type)) return false;
  if (target.method === 'agent_desk') return ROOMS.includes(transport);
  return target.method === nativeMethod(transport);
}

/** The target, or a text for the model that says why there is none. */
export function chooseTarget(transport, asked, targets, legacyNumbers) {
  const requested = String(asked ?? '').trim();
  const native = nativeMethod(transport);
  const labels = native ? Object.keys(legacyNumbers) : [];
  const same = (label) => label.trim().toLowerCase() === requested.toLowerCase();
  const legacy = (label) => {
    const value = legacyNumbers[label];
    const type = { 'sip:': 'sip_uri', 'tel:': 'tel_uri' }[value.slice(0, 4)] ?? 'phone_number';
    return { label, method: native, type, value };
  };
  const usable = targets.filter((t) => t.enabled !== false && isUsable(transport, t));
  if (!requested) {
    return usable.find((t) => t.is_default) ?? usable[0]
      ?? (labels.length ? legacy(labels[0]) : 'No transfer target');
  }
  const found = usable.find((t) => t.id === requested) ?? usable.find((t) => same(t.label));
  if (found) return found;
  const label = labels.find(same);
  if (label) return legacy(label);
  const listed = targets.find((t) => t.id === requested || same(t.label));
  const why = listed?.enabled === false ? ': disabled' : `: not usable on ${transport}`;
  return `No transfer target "${requested}" for ${transport}${listed ? why : ''}`;
}

// --- §3.2 interruption, §3.6 dispositions --------------------------------------------------------
export const spokenWords = (text) =>
  text.toLowerCase().match(/[^\s!-&(-/:-@[-^`{-~।…–—‘“”¿¡]+/g) ?? [];

/** Does this interim text cut the bot? `rule`: open, guarded (opening) or final. */
export function cuts(config, heard, rule) {
  const words = spokenWords(heard);
  if (!config['interruption.enabled'] || !words.length || rule === 'final') return false;
  const spaced = ` ${words.join(' ')} `;
  const urgent = config['interruption.high_intent_phrases'].map((p) => spokenWords(p).join(' '));
  if (urgent.some((phrase) => phrase && spaced.includes(` ${phrase} `))) return true;
  const ignored = new Set(config['interruption.backchannels'].flatMap(spokenWords));
  if (rule === 'guarded' || words.every((word) => ignored.has(word))) return false;
  return words.length >= config.min_words_interruption;
}

const DISPOSITIONS = {
  rnr: ['RNR', 'RNR', 'Customer picked up but did not respond.'],
  voicemail: ['IVR', 'MAIN_MESSAGE', 'Voicemail or automated system detected.'],
  timeout: ['Not Connected', 'DSCN_PARTIAL', 'Call exceeded maximum duration.'],
  error: ['Failed', 'fallback', 'Call ended due to a system error.'],
};

export const skipAnalysis = (word, spoke, seconds) =>
  ['error', 'voicemail'].includes(word) || !spoke || seconds < 5;

/** `post_call_analysis` of a call that is not analysed; null: none. */
export function autoDisposition(word, spoke, configured) {
  let key = { RNR: 'rnr', timeout: 'timeout' }[word] ?? 'no_customer_message';
  if (['error', 'voicemail'].includes(word)) key = word;
  else if (spoke) return null;
  const own = configured[key] ?? (key === 'no_customer_message' ? configured.rnr : undefined);
  const [DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS] = DISPOSITIONS[key] ?? DISPOSITIONS.rnr;
  return own ?? { DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS };
}
