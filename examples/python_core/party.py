"""The simulated far party of a call. It follows the script in the variable `sim_script`: a name of
SCRIPTS or JSON {"answer": {"after_ms" | "sip_status"}, "transfer": {"after_ms", "fails"},
"steps": [...]} with the steps {"wait": "bot_done" | seconds | {"bot_says": regex, "within": s}},
{"say": text, "interrupt_after_ms"?}, {"silence": s}, {"dtmf": keys}, {"hangup": true}. Other steps
are passed over. On a WebSocket it speaks besides the sound that the peer sends."""
import asyncio
import json
import re
import time

PER_WORD = 60 / 160
PATIENCE = 3
SCRIPTS = {
    "polite": [{"wait": "bot_done"}, {"say": "Yes, this is me speaking."}, {"wait": "bot_done"},
               {"say": "Goodbye."}, {"wait": "bot_done"}, {"wait": 2}, {"hangup": True}],
    "silent": [],
    "hangup_early": [{"wait": 0.8}, {"hangup": True}],
    "asks_agent": [{"wait": "bot_done"}, {"say": "I want to talk to an agent."},
                   {"wait": "bot_done"}, {"wait": 3}, {"say": "Okay then, bye."},
                   {"wait": "bot_done"}, {"wait": 2}, {"hangup": True}],
    "wrong_number": [{"say": "Sorry, wrong number.", "interrupt_after_ms": 900},
                     {"wait": "bot_done"}, {"wait": 2}, {"hangup": True}]}
ANSWERS = {"busy": {"after_ms": 2000, "sip_status": 486},
           "no_answer": {"after_ms": 30000, "sip_status": 480}}


def read_script(word, otherwise):
    """The script that a variable names; an unknown name or bad JSON is `otherwise`."""
    word = word if isinstance(word, str) else ""
    if word in ANSWERS:
        return {"answer": ANSWERS[word], "steps": []}
    if word in SCRIPTS:
        return {"steps": SCRIPTS[word]}
    try:
        script = json.loads(word)
        if all(isinstance(step, dict) for step in script["steps"]):
            return script
    except (ValueError, TypeError, KeyError):
        pass
    return {"steps": SCRIPTS[otherwise]}


async def play(script, bot, scale):
    """Follows the steps until the call is over (then it is cancelled)."""
    mark = 0
    for step in script["steps"]:
        wait = step.get("wait", step.get("silence"))
        if wait == "bot_done":
            await bot_done(bot, mark, scale)
        elif isinstance(wait, dict):
            await bot_says(bot, mark, wait["bot_says"], wait.get("within", 10) * scale)
        elif wait is not None:
            await asyncio.sleep(wait * scale)
        elif "say" in step:
            if "interrupt_after_ms" in step:
                while bot.said is None:
                    await bot.changed()
                await asyncio.sleep(step["interrupt_after_ms"] / 1000 * scale)
            mark = len(bot.spoken)
            await say(bot, step["say"], scale)
        elif "dtmf" in step:
            mark = len(bot.spoken)
            bot.post("dtmf", step["dtmf"])
        elif step.get("hangup"):
            bot.post("left", "party")
            return


async def say(bot, text, scale):
    bot.post("voice", True)
    words = text.split()
    for count in range(1, len(words) + 1):
        await asyncio.sleep(PER_WORD * scale)
        if count < len(words):
            bot.post("interim", " ".join(words[:count]))
    bot.post("voice", False)
    bot.post("final", text)


async def bot_done(bot, mark, scale):
    """The bot has spoken since the party's last words and rests, or rests for long."""
    while True:
        if bot.resting and len(bot.spoken) > mark:
            return
        if not await bot.changed(PATIENCE * scale if bot.resting else None):
            return


async def bot_says(bot, mark, pattern, within):
    until = time.monotonic() + within
    while not re.search(pattern, " ".join(bot.spoken[mark:]), re.I):
        left = until - time.monotonic()
        if left <= 0 or not await bot.changed(left):
            return
