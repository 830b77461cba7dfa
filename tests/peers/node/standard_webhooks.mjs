// What the public library of Standard Webhooks says about our signatures, and its own.
// Standard input: a JSON list of jobs; standard output: the list of their answers, each
// {"ok": ...} or {"error": "..."}. CXB_NODE_MODULES names the folder of the packages.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const load = createRequire(process.env.CXB_NODE_MODULES + '/');
const { Webhook } = load('standardwebhooks');

const jobs = {
  verify: ({ secret, headers, body }) => new Webhook(secret).verify(body, headers),
  sign: ({ secret, id, timestamp, body }) =>
    new Webhook(secret).sign(id, new Date(timestamp * 1000), body),
};

const answers = JSON.parse(readFileSync(0, 'utf8')).map((job) => {
  try {
    return { ok: jobs[job.kind](job) };
  } catch (cause) {
    return { error: String(cause.message ?? cause) };
  }
});
console.log(JSON.stringify(answers));
