// What the public SDK of LiveKit says about our tokens and webhooks, and what it makes itself.
// Standard input: a JSON list of jobs; standard output: the list of their answers, each
// {"ok": ...} or {"error": "..."}. CXB_NODE_MODULES names the folder of the packages.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const load = createRequire(process.env.CXB_NODE_MODULES + '/');
const { AccessToken, TokenVerifier, WebhookReceiver } = load('livekit-server-sdk');

const jobs = {
  verify: ({ key, secret, token }) => new TokenVerifier(key, secret).verify(token),
  receive: async ({ key, secret, body, authorization }) => {
    const event = await new WebhookReceiver(key, secret).receive(body, authorization);
    return { event: event.event };
  },
  sign: ({ key, secret, digest, ttl }) => {
    const token = new AccessToken(key, secret, { ttl });
    token.sha256 = digest;
    return token.toJwt();
  },
  mint: ({ key, secret, identity, grant }) => {
    const token = new AccessToken(key, secret, { identity });
    token.addGrant(grant);
    return token.toJwt();
  },
};

const answers = [];
for (const job of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    answers.push({ ok: await jobs[job.kind](job) });
  } catch (cause) {
    answers.push({ error: String(cause.message ?? cause) });
  }
}
console.log(JSON.stringify(answers));
