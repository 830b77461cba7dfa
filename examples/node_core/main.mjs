#!/usr/bin/env node
// A CX Bridge Core in Node, without dependencies: `node examples/node_core/main.mjs`.
import http from 'node:http';
import { Core, log } from './host.mjs';
import { readSettings } from './settings.mjs';

function settingsOrExit() {
  try {
    return readSettings(process.env);
  } catch (fault) {
    log(`settings: ${fault.message}`);
    return process.exit(78);
  }
}

const settings = settingsOrExit();
const core = new Core(settings);
if (!await core.open()) {
  log('CXB_OUTBOX_DIR: another process uses this outbox');
  process.exit(1);
}
// A fault in one call is not one of the worker.
process.on('unhandledRejection', (fault) => log(`fault: ${fault.stack}`));
const server = http.createServer({ maxHeaderSize: 32 * 1024 }, (request, response) => {
  core.serve(request, response);
});
server.on('upgrade', (request, socket, head) => core.upgrade(request, socket, head));

function leave() {
  if (core.draining) {
    core.stopCalls();
    return;
  }
  // Nothing that still runs is waited for: whatever counts is on disk.
  core.drain(settings.drainSeconds).then(() => process.exit(0));
}
process.on('SIGTERM', leave);
process.on('SIGINT', leave);
server.listen(settings.port, settings.host, () => {
  const { address, port } = server.address();
  process.stdout.write(`${JSON.stringify({ listening: `http://${address}:${port}` })}\n`);
});
