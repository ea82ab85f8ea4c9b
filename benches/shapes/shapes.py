"""The shapes: files of the same requests, written in the ways in which people have them.

A shape says how its file is written, how the sums of it are asked of tokreckon, DuckDB and Polars, and
what the sums are. All rows are made up from a seed; counts, models and days are of usual sizes.
"""

import datetime
import gzip
import json
import os
import random

MODELS = ["gpt-4o", "gpt-4o-mini", "o1-mini", "gpt-5-mini", "gpt-4.1", "o3", "gpt-4.1-mini", "gpt-5"]
CLAUDES = ["claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001", "claude-opus-4-1-20250805"]
HEADER = [
    "timestamp", "request_id", "project_id", "user_id", "provider", "model", "service_tier",
    "input_tokens", "input_cached_tokens", "output_tokens", "reasoning_tokens", "cost",
]
START = datetime.datetime(2025, 9, 1, tzinfo=datetime.timezone.utc)
SECONDS = 5_000_000
WORDS = 'The quick brown fox said "hello" to the lazy dog.\nThen it went home; ' * 40


class Row:
    """One request."""

    __slots__ = ("at", "id", "number", "model", "input", "cached", "output")

    def __init__(self, number, rows, random_):
        self.number = number
        self.at = START + datetime.timedelta(seconds=number * SECONDS // rows)
        self.id = f"req_{random_.getrandbits(64):016x}"
        self.model = MODELS[number % 8]
        self.input = random_.randrange(20, 9000)
        self.cached = (self.input // 256) * 128 if number % 3 else 0
        self.output = random_.randrange(1, 4000)

    @property
    def day(self):
        return self.at.strftime("%Y-%m-%d")

    @property
    def epoch(self):
        return int(self.at.timestamp())

    def cells(self):
        return [
            self.at.strftime("%Y-%m-%dT%H:%M:%SZ"), self.id, f"proj_{self.number % 9}", f"user_{self.number % 50}",
            "openai", self.model, "default", str(self.input), str(self.cached), str(self.output), "0", "0.001",
        ]


def rows_of(count, seed=7):
    random_ = random.Random(seed)
    for number in range(count):
        yield Row(number, count, random_)


class Csv:
    """Plain CSV: `change` turns the usual cells into those of the shape; it may change the row itself."""

    kind = "csv"
    options = ()

    def __init__(self, header=HEADER, change=lambda cells, row: cells, end="\n", packed=False, day="\"timestamp\"[:10]"):
        self.header, self.change, self.end, self.packed, self.day = header, change, end, packed, day
        self.ending = ".csv.gz" if packed else ".csv"

    def write(self, file, rows, note):
        file.write(",".join(self.header) + self.end)
        for row in rows:
            cells = self.change(row.cells(), row)
            note(row.model, row.day, row.input, row.cached, row.output)
            file.write(",".join(cells) + self.end)


class JsonLines:
    """One JSON text a line."""

    kind = "json"
    ending = ".jsonl"
    packed = False
    end = "\n"

    def __init__(self, line, source, options=(), every=1):
        self.line, self.source, self.options, self.every = line, source, options, every

    def write(self, file, rows, note):
        for row in rows:
            if row.number % self.every == 0:
                file.write(self.line(row, note))


def unquoted_day(cells, row, text):
    return [text, *cells[1:]]


def at_random_days(cells, row, random_=random.Random(5)):
    row.at = row.at.replace(month=random_.randrange(9, 12), day=random_.randrange(1, 31))
    return row.cells()


def unpriced(cells, row):
    row.model = "gpt-4.1-2025-04-14"
    row.at = row.at.replace(year=2024, month=1, day=1 + row.at.day % 28)
    return row.cells()


def many_models(cells, row, random_=random.Random(5)):
    row.model = f"model-{random_.randrange(400):03d}"
    return row.cells()


def quoted(cells, which):
    return [f'"{cell}"' if at in which else cell for at, cell in enumerate(cells)]


ORDER = (9, 5, 11, 0, 3, 7, 1, 10, 4, 8, 2, 6)
EVERY = range(len(HEADER))

OPENAI_HEADER = (
    "start_time,end_time,start_time_iso,end_time_iso,num_model_requests,project_id,user_id,api_key_id,model,batch,"
    "service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,"
    "output_text_tokens,input_audio_tokens,output_audio_tokens"
).split(",")


def openai_usage(cells, row):
    start = row.epoch // 86400 * 86400
    iso = row.at.strftime("%Y-%m-%dT00:00:00+00:00")
    return [
        str(start), str(start + 86400), iso, iso, f"{1 + row.number % 40}", cells[2], cells[3], f"key_{row.number % 30}",
        row.model, "false", "default", f"{row.input}.0", f"{row.output}.0", f"{row.cached}.0", f"{row.input - row.cached}.0",
        f"{row.input}.0", f"{row.output}.0", "0.0", "0.0",
    ]


ANTHROPIC_HEADER = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed"
).split(",")


def anthropic_usage(cells, row):
    row.model = CLAUDES[row.number % 3]
    return [
        row.at.strftime("%Y-%m-%d %H:00"), row.model, f"key_{row.number % 30}", "Default", "standard", "≤ 200k",
        str(row.input - row.cached), "0", "0", str(row.cached), str(row.output), "0", "not_available", "",
    ]


LITELLM_HEADER = (
    "request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,"
    "custom_llm_provider,api_base,user,metadata,cache_hit,cache_key,request_tags,team_id,end_user,status"
).split(",")


def litellm(cells, row):
    usage = {
        "status": "success",
        "usage_object": {
            "prompt_tokens": row.input, "completion_tokens": row.output, "total_tokens": row.input + row.output,
            "prompt_tokens_details": {"cached_tokens": row.cached}, "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }
    metadata = json.dumps(usage).replace('"', '""')
    at = row.at.strftime("%Y-%m-%d %H:%M:%S.007")
    return [
        row.id, "acompletion", f"key{row.number % 30:060d}", "0.001", str(row.input + row.output), str(row.input),
        str(row.output), at, at, row.model, "openai", "", cells[3], f'"{metadata}"', "None", "Cache OFF",
        '"[""prod""]"', cells[2], "", "success",
    ]


def chat(content):
    def line(row, note):
        note(row.model, row.day, row.input, row.cached, row.output)
        body = {
            "id": row.id, "object": "chat.completion", "created": row.epoch, "model": row.model,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": content(row)}, "finish_reason": "stop"},
            ],
            "usage": {
                "prompt_tokens": row.input, "completion_tokens": row.output, "total_tokens": row.input + row.output,
                "prompt_tokens_details": {"cached_tokens": row.cached, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
        }
        return json.dumps(body) + "\n"

    return line


CHAT = """read_json('{path}', format='newline_delimited', columns={{'created': 'BIGINT', 'model': 'VARCHAR',
    'usage': 'STRUCT(prompt_tokens BIGINT, completion_tokens BIGINT, prompt_tokens_details STRUCT(cached_tokens BIGINT))'}})"""
CHAT_SUMS = (
    "model", "strftime(make_timestamp(created * 1000000), '%Y-%m-%d')", "usage.prompt_tokens",
    "usage.prompt_tokens_details.cached_tokens", "usage.completion_tokens",
)


def claude_code(row, note):
    """A message as Claude Code writes it: twice while it streams, the last copy counts."""
    model = CLAUDES[row.number % 3]
    note(model, row.day, row.input, row.cached, row.output)

    def line(output, number):
        usage = {
            "input_tokens": row.input - row.cached, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": row.cached,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output, "service_tier": "standard",
        }
        message = {
            "id": f"msg_{row.id}", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": "x" * 60}], "stop_reason": None, "usage": usage,
        }
        return json.dumps({
            "type": "assistant", "timestamp": row.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "sessionId": "s-1",
            "uuid": f"u{row.number}-{number}", "isSidechain": False, "requestId": row.id, "message": message,
            "version": "2.0.1",
        }) + "\n"

    return line(1, 0) + line(row.output, 1)


CLAUDE_CODE = """(SELECT max_by(message, message.usage.output_tokens) AS message, min(timestamp) AS first_seen FROM
    read_json('{path}', format='newline_delimited', columns={{'timestamp': 'VARCHAR', 'message': 'STRUCT(id VARCHAR,
    model VARCHAR, usage STRUCT(input_tokens BIGINT, cache_read_input_tokens BIGINT, output_tokens BIGINT))'}})
    GROUP BY message.id)"""
CLAUDE_CODE_SUMS = (
    "message.model", "first_seen[:10]", "message.usage.input_tokens + message.usage.cache_read_input_tokens",
    "message.usage.cache_read_input_tokens", "message.usage.output_tokens",
)


class Codex:
    """A session log of Codex: a running total beside every request."""

    def __init__(self):
        self.total = dict.fromkeys(("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens"), 0)

    def __call__(self, row, note):
        note("gpt-5", row.day, row.input, row.cached, row.output)
        last = {
            "input_tokens": row.input, "cached_input_tokens": row.cached, "output_tokens": row.output,
            "reasoning_output_tokens": 0, "total_tokens": row.input + row.output,
        }
        if row.number == 0:
            self.total = dict.fromkeys(last, 0)
        self.total = {name: count + last[name] for name, count in self.total.items()}
        at = row.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        info = {"total_token_usage": self.total, "last_token_usage": last, "model_context_window": 272000}
        event = {"timestamp": at, "type": "event_msg", "payload": {"type": "token_count", "info": info}}
        text = json.dumps(event) + "\n"
        if row.number == 0:
            context = {"timestamp": at, "type": "turn_context", "payload": {"model": "gpt-5"}}
            text = json.dumps(context) + "\n" + text
        return text


CODEX = """(FROM read_json('{path}', format='newline_delimited', columns={{'timestamp': 'VARCHAR', 'payload': 'STRUCT(
    type VARCHAR, info STRUCT(last_token_usage STRUCT(input_tokens BIGINT, cached_input_tokens BIGINT, output_tokens BIGINT)))'}})
    WHERE payload.type = 'token_count')"""
CODEX_SUMS = (
    "'gpt-5'", "timestamp[:10]", "payload.info.last_token_usage.input_tokens",
    "payload.info.last_token_usage.cached_input_tokens", "payload.info.last_token_usage.output_tokens",
)

EPOCH_DAY = "strftime(make_timestamp(\"timestamp\" * 1000000), '%Y-%m-%d')"

SHAPES = {
    "12 usual columns": Csv(),
    "+ 1 empty known column": Csv([*HEADER, "total_tokens"], lambda cells, row: [*cells, ""]),
    "+ 24 unknown empty columns": Csv([*HEADER, *(f"tag{at}" for at in range(24))], lambda cells, row: cells + [""] * 24),
    "+ 28 unknown filled columns": Csv(
        [*HEADER, *(f"tag{at}" for at in range(28))], lambda cells, row: cells + [f"v{at * at}" for at in range(28)]
    ),
    "model in quotes": Csv(change=lambda cells, row: quoted(cells, (5,))),
    "every cell in quotes": Csv(change=lambda cells, row: quoted(cells, EVERY)),
    "a comma in quotes in every row": Csv(change=lambda cells, row: [*cells[:3], f'"Doe, {cells[3]}"', *cells[4:]]),
    "CRLF": Csv(end="\r\n"),
    "other column order": Csv([HEADER[at] for at in ORDER], lambda cells, row: [cells[at] for at in ORDER]),
    "epoch seconds": Csv(change=lambda cells, row: unquoted_day(cells, row, str(row.epoch)), day=EPOCH_DAY),
    "date only": Csv(change=lambda cells, row: unquoted_day(cells, row, row.day)),
    "date and time with offset": Csv(
        change=lambda cells, row: unquoted_day(cells, row, row.at.strftime("%Y-%m-%d %H:%M:%S.123+00:00"))
    ),
    "days in random order": Csv(change=at_random_days),
    "counts as `123.0`": Csv(
        change=lambda cells, row: [f"{cell}.0" if 7 <= at <= 10 else cell for at, cell in enumerate(cells)]
    ),
    "no id column": Csv([HEADER[0], *HEADER[2:]], lambda cells, row: [cells[0], *cells[2:]]),
    "a model outside its price's period": Csv(change=unpriced),
    "23,200 groups without a price": Csv(change=many_models),
    "gzip": Csv(packed=True),
    "chat responses": JsonLines(chat(lambda row: "x" * 60), (CHAT, *CHAT_SUMS), ("--provider", "openai")),
    "chat responses, a third as many": JsonLines(
        chat(lambda row: "x" * 60), (CHAT, *CHAT_SUMS), ("--provider", "openai"), every=3
    ),
    "chat responses, long, a fifth as many": JsonLines(
        chat(lambda row: WORDS[: 200 + (row.number * 37) % 2400]), (CHAT, *CHAT_SUMS), ("--provider", "openai"), every=5
    ),
    "OpenAI usage export": Csv(OPENAI_HEADER, openai_usage, day="start_time_iso[:10]"),
    "Anthropic usage export": Csv(ANTHROPIC_HEADER, anthropic_usage, day="usage_date_utc[:10]"),
    "LiteLLM spend logs": Csv(LITELLM_HEADER, litellm, day="\"startTime\"[:10]"),
    "Claude Code log": JsonLines(claude_code, (CLAUDE_CODE, *CLAUDE_CODE_SUMS), every=2),
    "Codex log": JsonLines(Codex(), (CODEX, *CODEX_SUMS)),
}

# Columns of CSV shapes for the other engines: model, input, cached, output, type of counts.
CSV_SUMS = {
    "OpenAI usage export": ("model", "input_tokens", "input_cached_tokens", "output_tokens"),
    "Anthropic usage export": (
        "model_version", "usage_input_tokens_no_cache + usage_input_tokens_cache_read", "usage_input_tokens_cache_read",
        "usage_output_tokens",
    ),
    "LiteLLM spend logs": (
        "model", "prompt_tokens",
        "CAST(json_extract(metadata, '$.usage_object.prompt_tokens_details.cached_tokens') AS BIGINT)",
        "completion_tokens",
    ),
}
USUAL_SUMS = ("model", "input_tokens", "input_cached_tokens", "output_tokens")


def make(folder, name, count, seed=7):
    """Writes the file of a shape and its sums, unless they are there; returns both paths."""
    shape = SHAPES[name]
    stem = os.path.join(folder, "".join(c if c.isalnum() else "-" for c in name))
    path, truth = stem + shape.ending, stem + ".sums"
    if not os.path.exists(truth):
        os.makedirs(folder, exist_ok=True)
        sums = {}

        def note(model, day, *counts):
            known = sums.setdefault((model, day), [0, 0, 0, 0])
            known[0] += 1
            for at, value in enumerate(counts, 1):
                known[at] += value

        opener = (lambda: gzip.open(path, "wt", newline="", compresslevel=4)) if shape.packed else (lambda: open(path, "w", newline=""))
        with opener() as file:
            shape.write(file, rows_of(count, seed), note)
        with open(truth, "w") as file:
            for (model, day), numbers in sorted(sums.items()):
                file.write(",".join([model, day, *map(str, numbers)]) + "\n")
    return path, truth
