// What anybody may ask (§8). Members stand in the order of the contract: carriers read
// /health/fleet by a byte pattern.

function worker(core) {
  const { workers, workerId } = core.settings;
  const [calls, most] = [core.calls.size, core.most()];
  return {
    status: 'ok', worker_calls: calls, worker_max: most, total_capacity: most * workers,
    total_available: most * workers - calls, workers, worker_id: workerId, worker_pid: process.pid,
  };
}

function fleet(core) {
  const [calls, max] = [core.calls.size, core.most()];
  const one = { id: core.settings.workerId, calls, max, pid: process.pid };
  if (core.draining) one.draining = true;
  return {
    status: 'ok', fleet_calls: calls, fleet_max: max, fleet_available: max - calls, workers: [one],
  };
}

function readiness(core) {
  const reasons = [];
  if (core.draining) reasons.push('draining');
  if (core.outbox.refused.size) reasons.push('config_refused');
  if (core.outbox.full() || !core.outbox.tryDisk()) reasons.push('outbox_full');
  return { status: reasons.length ? 'not_ready' : 'ready', reasons };
}

export const HEALTH = { '/health': worker, '/health/fleet': fleet, '/ready': readiness };
