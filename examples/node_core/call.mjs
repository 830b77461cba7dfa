// One taken slot, and what a call result says whatever was spoken (§4.1).
import { randomUUID } from 'node:crypto';

export const VERSION = 'node-core/1.0';

export class Call {
  evicted = false;

  sessionId = '';

  started = new Date();

  constructor(id, fields, transport, line, workerId) {
    Object.assign(this, { id, fields, transport, line, workerId });
    this.setEvent(fields.connected_event ?? {});
  }

  setEvent(event) {
    this.event = event;
    this.campaignSession = String(event._campaign_session_id ?? '');
  }

  stop(kind, code) {
    this.bot?.post(kind, code);
  }

  base(session) {
    const { bot_id, stream_id, caller_id, from_number } = this.fields;
    return {
      session_id: session, result_id: randomUUID(), result_seq: 1, bot_id,
      worker_id: this.workerId, core_version: VERSION, stream_id: stream_id || undefined,
      caller_id: caller_id || undefined, from_number, call_start_time: this.started.toISOString(),
      call_direction: this.line?.direction,
    };
  }

  /** The result of a call that did not take place or of which nothing is known. */
  minimal(session, word, code) {
    const at = new Date().toISOString();
    const data = { code, message: code, retried: false, fallback_used: false };
    const event = { type: 'service_error', timestamp: at, at_seconds: 0, name: 'worker', data };
    return {
      ...this.base(session), call_end_time: at, call_duration_seconds: 0, disconnected_by: word,
      has_customer_message: false, was_transferred: false, events: code ? [event] : undefined,
    };
  }
}
