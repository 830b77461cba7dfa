// Settings from the environment, with the names that cxb-core uses.
import { isUrl, weakness } from './contract.mjs';

/** Throws RangeError, naming the variable and not the value, for what must not be. */
export function readSettings(env) {
  const first = (otherwise, ...names) => names.map((name) => env[name]).find(Boolean) ?? otherwise;
  const production = env.CXB_ENV === 'production';
  const secret = first(production ? '' : 'dev-secret', 'CXB_CORE_SECRET', 'CXBCORE_SECRET',
    'VOXCORE_SECRET');
  const previous = first('', 'CXB_CORE_SECRET_PREVIOUS');
  const kept = { CXB_CORE_SECRET: secret, ...(previous && { CXB_CORE_SECRET_PREVIOUS: previous }) };
  for (const [name, value] of Object.entries(production ? kept : {})) {
    if (weakness(value)) throw new RangeError(`${name} ${weakness(value)}`);
  }
  const configUrl = first(production ? '' : 'http://127.0.0.1:8080/api/v1/config',
    'CXB_API_CONFIG_URL', 'VOXBRIDGE_CONFIG_URL');
  if (!isUrl(configUrl)) throw new RangeError('CXB_API_CONFIG_URL is not an absolute http(s) URL');
  const [, host, port] = /^(.*):(\d+)$/.exec(first('127.0.0.1:8001', 'CXB_CORE_LISTEN')) ?? [];
  if (!host) throw new RangeError('CXB_CORE_LISTEN is not HOST:PORT');
  return {
    production, secrets: [secret, previous].filter(Boolean), configUrl, host, port: Number(port),
    mostCalls: Number(first('1', 'MAX_CONCURRENT_CALLS')),
    workers: Number(first('1', 'CXBCORE_WORKERS', 'VOXCORE_WORKERS')),
    workerId: first('1', 'CXB_WORKER_ID'),
    outboxDir: first('/var/lib/cxb/outbox', 'CXB_OUTBOX_DIR'),
    drainSeconds: Number(first('660', 'CXB_DRAIN_SECONDS')),
    configHosts: first('', 'CXB_CONFIG_HOSTS').split(',').filter(Boolean),
    wsAuth: first('off', 'CXB_WS_AUTH'),
    // Rooms are simulated only; a Core with real media joins LiveKit here.
    roomMedia: first('simulated', 'CXB_CORE_MEDIA') === 'simulated' && !production,
    // For tests: all waits of calls and outbox are this much of what the contract says.
    scale: Number(first('100', 'CXB_TIME_PERCENT')) / 100,
  };
}
