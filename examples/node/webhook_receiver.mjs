#!/usr/bin/env node
// Receives CX Bridge pushes and checks their signature. Node 18 or newer, no packages.
//
//   CXB_WEBHOOK_SECRET=whsec_... ./webhook_receiver.mjs [PORT]      (0 = any free port)
//
// Prints one JSON line {"webhook_id","repeat","fields"} for each push and answers 200; a bad
// signature is answered 401. Several secrets (rotation) are separated by blanks.
import { createServer } from 'node:http';
import { BadSignature, verify } from './cxb_webhook.mjs';

const MAX_BODY = 8 * 1024 * 1024;
const secrets = (process.env.CXB_WEBHOOK_SECRET ?? '').split(' ').filter(Boolean);
if (secrets.length === 0) {
  console.error('set CXB_WEBHOOK_SECRET to the signing secret of the bot (whsec_...)');
  process.exit(2);
}
const seen = new Set();

const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > MAX_BODY) return answer(413, { error: 'too large' });
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  try {
    const webhook_id = verify(request.headers, body, secrets);
    const fields = JSON.parse(body.toString('utf8'));
    console.log(JSON.stringify({ webhook_id, repeat: seen.has(webhook_id), fields }));
    seen.add(webhook_id);
    return answer(200, { stored: true });
  } catch (problem) {
    const status = problem instanceof BadSignature ? 401 : 400;
    return answer(status, { error: problem.message });
  }
});
server.listen(Number(process.argv[2] ?? 9090), '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` }));
});
