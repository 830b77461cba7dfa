// Checks the signature of a CX Bridge push (Standard Webhooks, docs/spec/10-contracts.md 2.4).
// No packages needed; copy this file into your CRM.
//
//   const id = verify(request.headers, rawBody, ['whsec_...']);   // throws, else the webhook id
//
// `rawBody` is the Buffer as received: verify before parsing. Deduplicate by the returned id.
import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;

export class BadSignature extends Error {}

export function sign(secret, id, timestamp, body) {
  if (!secret.startsWith('whsec_')) throw new TypeError('a signing secret starts with whsec_');
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

function sameText(a, b) {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function verify(headers, body, secrets, now = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = Number(headers['webhook-timestamp']);
  const given = (headers['webhook-signature'] ?? '').split(' ').filter((s) => s.startsWith('v1,'));
  if (!id || !Number.isInteger(timestamp) || given.length === 0) {
    throw new BadSignature('missing or unreadable header');
  }
  if (Math.abs(now - timestamp) > TOLERANCE_SECONDS) throw new BadSignature('timestamp too old');
  const good = secrets.some((secret) => {
    const expected = sign(secret, id, timestamp, body);
    return given.some((entry) => sameText(entry, expected));
  });
  if (!good) throw new BadSignature('no signature matches');
  return id;
}
