#!/usr/bin/env node
// Places one call through CX Bridge, as a CRM would. Node 18 or newer, no packages.
//
//   CXB_API_KEY=vx_... ./crm_dialout.mjs BOT_ID +919876543210 CUSTOMER=Ravi
//
// The Idempotency-Key makes it safe to repeat after a lost answer. Exit: 0 accepted, 1 refused,
// 2 wrong usage, 5 unreachable.
import { randomUUID } from 'node:crypto';

const [bot_id, to_number, ...pairs] = process.argv.slice(2);
const apiKey = process.env.CXB_API_KEY;
if (!bot_id || !to_number || !apiKey) {
  console.error('usage: CXB_API_KEY=vx_... crm_dialout.mjs BOT_ID NUMBER [NAME=VALUE...]');
  process.exit(2);
}
const variables = Object.fromEntries(pairs.map((pair) => {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}));
const idempotencyKey = process.env.CXB_IDEMPOTENCY_KEY ?? randomUUID();

try {
  const base = process.env.CXB_URL ?? 'http://127.0.0.1:8080';
  const answer = await fetch(`${base}/api/v1/sip/dialout`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-API-Key': apiKey,
      'Idempotency-Key': idempotencyKey,
    },
    body: JSON.stringify({ bot_id, to_number, variables }),
    signal: AbortSignal.timeout(75_000),
  });
  const body = await answer.json();
  console.log(JSON.stringify(body));
  if (!answer.ok) {
    console.error(`refused (${answer.status}): ${body.detail}`);
    process.exitCode = 1;
  }
} catch (lost) {
  console.error(`unreachable: ${lost.message}; repeat with CXB_IDEMPOTENCY_KEY=${idempotencyKey}`);
  process.exitCode = 5;
}
