// The simulated far party of a call. It follows the script in the variable `sim_script`: a name of
// SCRIPTS or JSON {"answer": {"after_ms" | "sip_status"}, "transfer": {"after_ms", "fails"},
// "steps": [...]} with the steps {"wait": "bot_done" | seconds | {"bot_says": regex, "within": s}},
// {"say": text, "interrupt_after_ms"?}, {"silence": s}, {"dtmf": keys}, {"hangup": true}. Other
// steps are passed over. On a WebSocket it speaks besides the sound that the peer sends.
import { sleep } from './async.mjs';
import { isObject } from './contract.mjs';

const PER_WORD = 60 / 160;
const PATIENCE = 3;
const SCRIPTS = {
  polite: [{ wait: 'bot_done' }, { say: 'Yes, this is me speaking.' }, { wait: 'bot_done' },
    { say: 'Goodbye.' }, { wait: 'bot_done' }, { wait: 2 }, { hangup: true }],
  silent: [],
  hangup_early: [{ wait: 0.8 }, { hangup: true }],
  asks_agent: [{ wait: 'bot_done' }, { say: 'I want to talk to an agent.' }, { wait: 'bot_done' },
    { wait: 3 }, { say: 'Okay then, bye.' }, { wait: 'bot_done' }, { wait: 2 }, { hangup: true }],
  wrong_number: [{ say: 'Sorry, wrong number.', interrupt_after_ms: 900 }, { wait: 'bot_done' },
    { wait: 2 }, { hangup: true }],
};
const ANSWERS = {
  busy: { after_ms: 2000, sip_status: 486 }, no_answer: { after_ms: 30000, sip_status: 480 },
};

/** The script that a variable names; an unknown name or bad JSON is `otherwise`. */
export function readScript(word, otherwise) {
  if (Object.hasOwn(ANSWERS, word)) return { answer: ANSWERS[word], steps: [] };
  if (Object.hasOwn(SCRIPTS, word)) return { steps: SCRIPTS[word] };
  try {
    const script = JSON.parse(word);
    if (script.steps.every(isObject)) return script;
  } catch {
    // not a script
  }
  return { steps: SCRIPTS[otherwise] };
}

/** Follows the steps until the call is over: then the signal cuts it. */
export async function play(script, bot, scale, signal) {
  let mark = 0;
  for (const step of script.steps) {
    const wait = step.wait ?? step.silence;
    if (wait === 'bot_done') {
      await botDone(bot, mark, scale, signal);
    } else if (isObject(wait)) {
      await botSays(bot, mark, wait.bot_says, (wait.within ?? 10) * scale, signal);
    } else if (wait !== undefined) {
      await sleep(wait * scale, signal);
    } else if (step.say !== undefined) {
      if (step.interrupt_after_ms !== undefined) {
        while (!bot.said) await bot.change.next(undefined, signal);
        await sleep((step.interrupt_after_ms / 1000) * scale, signal);
      }
      mark = bot.spoken.length;
      await say(bot, step.say, scale, signal);
    } else if (step.dtmf !== undefined) {
      mark = bot.spoken.length;
      bot.post('dtmf', step.dtmf);
    } else if (step.hangup) {
      bot.post('left', 'party');
      return;
    }
  }
}

async function say(bot, text, scale, signal) {
  bot.post('voice', true);
  const words = text.split(/\s+/);
  for (let count = 1; count <= words.length; count += 1) {
    await sleep(PER_WORD * scale, signal);
    if (count < words.length) bot.post('interim', words.slice(0, count).join(' '));
  }
  bot.post('voice', false);
  bot.post('final', text);
}

/** The bot has spoken since the party's last words and rests, or rests for long. */
async function botDone(bot, mark, scale, signal) {
  while (!(bot.resting && bot.spoken.length > mark)) {
    const patience = bot.resting ? PATIENCE * scale : undefined;
    if (!await bot.change.next(patience, signal)) return;
  }
}

async function botSays(bot, mark, pattern, within, signal) {
  const until = performance.now() + within * 1000;
  while (!new RegExp(pattern, 'i').test(bot.spoken.slice(mark).join(' '))) {
    const left = (until - performance.now()) / 1000;
    if (left <= 0 || !await bot.change.next(left, signal)) return;
  }
}
