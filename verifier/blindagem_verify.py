#!/usr/bin/env python3
"""Verificador independente do registro de auditoria da Blindagem.

Escrito a partir das especificações (RFC 6962, seção 2.1; C2SP signed-note, tlog-checkpoint, tlog-tiles,
tlog-cosignature e tlog-proof) e da descrição dos formatos em README.md, sem usar código da plataforma.
Precisa de Python 3.9 ou mais novo e do módulo "cryptography".

Uso:
  blindagem_verify.py bundle DIRETÓRIO [--keys ARQUIVO] [--since CHECKPOINT] [--json]
  blindagem_verify.py proof ARQUIVO --keys ARQUIVO [--entry ARQUIVO] [--json]
  blindagem_verify.py selftest DIRETÓRIO_DOS_VETORES

Termina com status 0 se tudo confere, 1 se há alguma falha, 2 se foi chamado de forma errada.
"""
import argparse
import base64
import binascii
import errno
import hashlib
import json
import os
import re
import sys
from collections import Counter, defaultdict, deque
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256  # hashes de um bloco (tile) cheio
SAFE = 2**53  # inteiros que todo leitor de JSON conta sem arredondar
ID = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")  # 64 bits
PLACE = re.compile(r"(?:0|[1-9][0-9]{0,15})\Z")  # um índice ou um tamanho
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
DATETIME = re.compile(rf"([0-9]{{4}})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T{TIME}(:[0-5][0-9](\.[0-9]+)?)(Z|[+-]{TIME})\Z")
BASE64 = re.compile(r"([0-9A-Za-z+/]{4})*([0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?\Z")
MOST_UNREAD = 1000  # blocos de folhas que se procuram em vão: um tamanho pode ser qualquer um que alguém escreveu
UNKNOWN = object()  # um valor que o leitor não conhece


class Fault(Exception):
    """Uma verificação que falhou: um código (os mesmos do verificador da plataforma) e uma mensagem."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def need(condition, message, code="MALFORMED"):
    if not condition:
        raise Fault(code, message)


def iso_time(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


# RFC 6962, seção 2.1 ------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def split_point(size):
    """A maior potência de dois menor que size."""
    return 1 << ((size - 1).bit_length() - 1)


def tree_hash(hashes):
    """MTH, a partir dos hashes das folhas."""
    if not hashes:
        return sha256(b"")
    while len(hashes) > 1:
        # Um nó sem irmão sobe como está; dá a mesma árvore que a divisão recursiva da RFC.
        pairs = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + ([hashes[-1]] if len(hashes) % 2 else [])
    return hashes[0]


def root_by_inclusion(index, size, leaf, path):
    """A raiz a que leva uma prova de inclusão (2.1.1), ou None se o comprimento dela não é o certo."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    k = split_point(size)
    if index < k:
        below = root_by_inclusion(index, k, leaf, path[:-1])
        return below and node_hash(below, path[-1])
    below = root_by_inclusion(index - k, size - k, leaf, path[:-1])
    return below and node_hash(path[-1], below)


def roots_by_consistency(old, size, path, old_root, whole=True):
    """As duas raízes a que leva uma prova de consistência (2.1.2), ou None."""
    if old == size:
        if whole:
            return (old_root, old_root) if not path else None
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    k = split_point(size)
    if old <= k:
        below = roots_by_consistency(old, k, path[:-1], old_root, whole)
        return below and (below[0], node_hash(below[1], path[-1]))
    below = roots_by_consistency(old - k, size - k, path[:-1], old_root, False)
    return below and (node_hash(path[-1], below[0]), node_hash(path[-1], below[1]))


def check_inclusion(index, size, leaf, path, root):
    need(all(len(h) == 32 for h in [leaf, root, *path]), "um hash tem 32 bytes")
    need(0 <= index < size, "o índice está fora da árvore")
    need(root_by_inclusion(index, size, leaf, path) == root, "a prova não leva da folha à raiz", "NOT_INCLUDED")


def check_consistency(old, size, old_root, root, path):
    need(all(len(h) == 32 for h in [old_root, root, *path]), "um hash tem 32 bytes")
    need(old >= 1, "de uma árvore vazia não há o que provar")
    need(old <= size, "o registro encolheu", "ROLLBACK")
    need(roots_by_consistency(old, size, path, old_root) == (old_root, root), "as árvores não são a mesma", "FORK")


# C2SP signed-note ---------------------------------------------------------------------------------------------


def unbase64(text):
    """Os bytes de um base64 escrito da única forma possível, ou None."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def good_name(name):
    return name != "" and not any(c.isspace() or c == "+" or ord(c) < 32 for c in name)


class Key:
    def __init__(self, text):
        name, _, rest = text.partition("+")
        hex_id, _, encoded = rest.partition("+")
        data = unbase64(encoded)
        need(re.fullmatch("[0-9a-f]{8}", hex_id) and data, f'"{text}" não é uma chave de verificação')
        need(good_name(name), "o nome da chave não é válido")
        need(data[0] in (1, 4) and len(data) == 33, f'a chave "{name}" não é Ed25519 nem cosignature/v1')
        key_id = sha256(name.encode() + b"\n" + data)[:4]
        need(key_id.hex() == hex_id, f'o hash da chave "{name}" não confere')
        self.text, self.name, self.id, self.type = text, name, key_id, data[0]
        self._public = Ed25519PublicKey.from_public_bytes(data[1:])

    def verifies(self, message, signature):
        try:
            self._public.verify(signature, message)
            return True
        except InvalidSignature:
            return False


class Note:
    def __init__(self, data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Fault("MALFORMED", "a nota não é UTF-8")
        need(len(data) <= 1 << 20, "a nota é grande demais")
        need(not any(ord(c) < 32 and c != "\n" for c in text), "a nota tem caracteres de controle")
        body, blank, signatures = text.rpartition("\n\n")
        need(blank and text.endswith("\n"), "a nota não tem assinaturas")
        lines = signatures[:-1].split("\n")
        need(len(lines) <= 64, "a nota tem assinaturas demais")
        self.text = body + "\n"
        self.signatures = []
        for line in lines:
            parts = line.split(" ")
            blob = unbase64(parts[2]) if len(parts) == 3 and parts[0] == "—" and good_name(parts[1]) else None
            need(blob and len(blob) > 4, "uma linha de assinatura não tem a forma certa")
            self.signatures.append((parts[1], blob[:4], blob[4:]))

    def of(self, keys, kind):
        """As assinaturas de chaves conhecidas, por nome e id; as outras são ignoradas."""
        for name, key_id, signature in self.signatures:
            for key in keys:
                if key.type == kind and key.name == name and key.id == key_id:
                    yield key, signature
                    break

    def verify(self, keys):
        signers = []
        for key, signature in self.of(keys, 1):
            need(key.verifies(self.text.encode(), signature), f'assinatura falsa de "{key.name}"', "FORGED")
            signers.append(key)
        need(signers, "nenhuma chave conhecida assinou", "UNSIGNED")
        return signers

    def cosigners(self, keys):
        """C2SP tlog-cosignature: testemunhas conhecidas, cada uma com a hora em que assinou, ou None se a assinatura é falsa."""
        found = []
        for key, blob in self.of(keys, 4):
            time = int.from_bytes(blob[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{self.text}".encode()
            valid = len(blob) > 8 and time <= 253402300799 and key.verifies(message, blob[8:])
            found.append((key, time if valid else None))
        return found


class KeyList:
    """Linhas "<papel> <chave> [from <índice>] [until <índice>] [origin <nome>]"; until é exclusivo, origin só em log."""

    def __init__(self, text=""):
        self.entries = []
        for line in text.removeprefix("\ufeff").split("\n"):
            words = [word for word in re.split("[ \t\r]+", line) if word]
            if not words or words[0].startswith("#"):
                continue
            need(words[0] in ("log", "intent", "witness") and len(words) > 1, f"linha de chave errada: {line}")
            key, limits, origin = Key(words[1]), {"from": 0, "until": None}, None
            need(key.type == (4 if words[0] == "witness" else 1), "o tipo da chave não é o do papel")
            for at in range(2, len(words), 2):
                if words[at] == "origin" and words[0] == "log" and at + 1 < len(words):
                    origin = words[at + 1]
                    continue
                need(words[at] in limits and at + 1 < len(words) and PLACE.match(words[at + 1]), f"linha de chave errada: {line}")
                limits[words[at]] = int(words[at + 1])
            self.entries.append((words[0], key, limits["from"], limits["until"], origin))

    def those(self, are_meant):
        """As linhas de que isso é verdade, dadas o papel, a chave e a origem."""
        some = KeyList()
        some.entries = [entry for entry in self.entries if are_meant(entry[0], entry[1], entry[4])]
        return some

    def of(self, role):
        return [key for each, key, *_ in self.entries if each == role]

    def valid(self, role, key, place):
        return any(
            each == role and known.text == key.text and start <= place and (until is None or place < until)
            for each, known, start, until, _ in self.entries
        )


class Checkpoint:
    """C2SP tlog-checkpoint."""

    def __init__(self, data):
        self.note = Note(data)
        lines = self.note.text[:-1].split("\n")
        need(len(lines) >= 3 and all(lines), "o checkpoint tem linhas de menos, ou vazias")
        self.origin = lines[0]
        need(PLACE.match(lines[1]) and int(lines[1]) < SAFE, "o tamanho do checkpoint está errado")
        self.size = int(lines[1])
        self.root = unbase64(lines[2])
        need(self.root is not None and len(self.root) == 32, "a raiz do checkpoint está errada")
        need(self.size > 0 or self.root == sha256(b""), "uma árvore vazia tem outra raiz")

    def verify(self, keys, origin):
        need(self.origin == origin, f'o checkpoint é de "{self.origin}"', "WRONG_ORIGIN")
        meant = keys.those(lambda role, key, named: named is None or named == origin)
        signers = self.note.verify(meant.of("log"))
        in_range = any(meant.valid("log", key, self.size) for key in signers)
        need(in_range, "a chave não vale para esse tamanho", "KEY_OUT_OF_RANGE")
        return self

    def verify_earlier(self, keys, origin):
        """Antes o registro pode ter tido outro nome: o que a lista dá a uma chave, ou o da própria chave."""
        former = keys.those(lambda role, key, named: role == "log" and (named or key.name) == self.origin)
        if self.origin == origin or not former.entries:
            return self.verify(keys, origin)
        return self.verify(former, self.origin)

    def witnesses(self, keys):
        """As testemunhas que assinaram, e as falhas: uma assinatura falsa nada diz contra as outras, nem contra o checkpoint."""
        found, faults = [], []
        for key, time in self.note.cosigners(keys.of("witness")):
            if time is None:
                faults.append(Fault("FORGED", f'assinatura falsa da testemunha "{key.name}"'))
            elif keys.valid("witness", key, self.size):
                found.append({"name": key.name, "at": iso_time(time), "size": self.size})
        return found, faults


# C2SP tlog-tiles ----------------------------------------------------------------------------------------------


def tile_path(level, index, width):
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{place}" + ("" if width == WIDTH else f".p/{width}")


class Tree:
    def __init__(self, read, size):
        self._read, self.size, self._kept = read, size, {}

    def tile(self, level, index):
        """Os hashes de um bloco; um bloco cheio tem de dar o hash que está por ele no nível de cima."""
        if (level, index) not in self._kept:
            width = min(WIDTH, (self.size >> (8 * level)) - index * WIDTH)
            data = self._fetch(level, index, width)
            need(len(data) == 32 * width, f"{tile_path(level, index, width)} não tem {width} hashes")
            hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
            if width == WIDTH:
                above = self.tile(level + 1, index // WIDTH)[index % WIDTH]
                wrong = f"{tile_path(level, index, width)} não dá o hash do nível de cima"
                need(tree_hash(hashes) == above, wrong, "TILE_MISMATCH")
            if len(self._kept) > 64:
                self._kept.clear()
            self._kept[level, index] = hashes
        return self._kept[level, index]

    def _fetch(self, level, index, width):
        try:
            return self._read(tile_path(level, index, width))
        except Fault:
            if width == WIDTH:
                raise
            try:
                return self._read(tile_path(level, index, WIDTH))[: 32 * width]
            except Fault:
                pass
            raise

    def root(self, size=None):
        """MTH das primeiras size folhas: as subárvores perfeitas, da maior para a menor, uma por bit do tamanho."""
        size = self.size if size is None else size
        parts, start = [], 0
        for bit in reversed(range(size.bit_length())):
            if size >> bit & 1:
                level, first = bit // 8, start >> (8 * (bit // 8))
                tile, offset = self.tile(level, first // WIDTH), first % WIDTH
                parts.append(tree_hash(tile[offset : offset + (1 << (bit % 8))]))
                start += 1 << bit
        if not parts:
            return sha256(b"")
        root = parts.pop()
        while parts:
            root = node_hash(parts.pop(), root)
        return root


# Registros e intenções ----------------------------------------------------------------------------------------

REQUIRED = ["salt", "recorded_at", "transaction_id", "sensitivity", "entity_type", "entity_id", "operation", "action"]
OPTIONAL = ["actor_id", "actor_role", "on_behalf_of", "request_id", "job_id", "session_login", "application_name"]
CONTEXT = ["ip", "user_agent", "client_address"]
PERSONAL = [*CONTEXT, "reason"]
FORMER, RECORD_3, INTENT = ("blindagem-record-1", "blindagem-record-2"), "blindagem-record-3", "blindagem-intent-1"
RECORD_6 = "blindagem-record-6"
RECORDS = (*FORMER, RECORD_3, "blindagem-record-4", "blindagem-record-5", RECORD_6)
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")


def load_json(text, otherwise=None):
    """O valor de um JSON; números como os lê quem só tem ponto flutuante, para que dois verificadores leiam o mesmo."""

    def refuse(name):
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse, parse_int=float)
    except RecursionError:
        return load_nested_json(text, otherwise)
    except ValueError:
        return otherwise


JSON_TOKEN = re.compile(r'[ \t\n\r]*(?:([][{},:"])|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(true|false|null)|\Z)')
WORDS = {"true": True, "false": False, "null": None}


def load_nested_json(text, otherwise):
    """O mesmo, sem recursão: json.loads desiste a mil níveis, e o formato não tem limite deles."""
    root = []
    inside, at, before = [root], 0, "["  # os que estão abertos; de um objeto, uma lista alternada de nomes e valores
    closed = []  # o que fecha cada um
    try:
        while True:
            token = JSON_TOKEN.match(text, at)
            if token is None:
                return otherwise
            at, (mark, number, word) = token.end(), token.groups()
            if mark is None and number is None and word is None:
                return root[0] if not closed and len(root) == 1 else otherwise
            is_name = bool(closed) and closed[-1] == "}" and before in ("{", ",")
            if mark in ("]", "}"):
                if not closed or closed.pop() != mark or before in (",", ":", "name"):
                    return otherwise
                items = inside.pop()
                inside[-1][-1] = items if mark == "]" else dict(zip(items[::2], items[1::2]))
                before = "value"
            elif mark in (",", ":"):
                if not closed or before != ("value" if mark == "," else "name") or (mark == ":" and closed[-1] != "}"):
                    return otherwise
                before = mark
            elif before in ("value", "name") or (is_name and mark != '"') or (not closed and root):
                return otherwise
            elif mark in ("[", "{"):
                inside[-1].append(None)
                inside.append([])
                closed.append("]" if mark == "[" else "}")
                before = mark
            else:
                if mark == '"':
                    value, at = json.decoder.scanstring(text, at, True)
                else:
                    value = float(number) if number is not None else WORDS[word]
                inside[-1].append(value)
                before = "name" if is_name else "value"
    except ValueError:
        return otherwise


def are_same(one, other):
    """Se dois valores de JSON são o mesmo, sem recursão; a ordem dos nomes de um objeto nada diz."""
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if one.keys() != other.keys():
                return False
            pairs.extend((value, other[name]) for name, value in one.items())
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            pairs.extend(zip(one, other))
        elif one != other:
            return False
    return True


def is_text(value):
    return isinstance(value, str)


def is_id(value):
    return is_text(value) and ID.match(value) is not None


def is_count(value):
    return isinstance(value, float) and 0 <= value < SAFE and value == int(value)


def is_datetime(value, zones=("Z", "+", "-")):
    found = DATETIME.match(value) if is_text(value) else None
    if found is None or found[7][0] not in zones:
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def is_base64(value):
    return is_text(value) and BASE64.match(value) is not None


def is_month(value):
    good = isinstance(value, dict) and is_text(value.get("month")) and MONTH.match(value["month"])
    good = good and is_count(value.get("records")) and value["records"] > 0
    return good and is_base64(value.get("root")) and len(value["root"]) == 44


def is_personal(value):
    return is_text(value) or (isinstance(value, dict) and list(value) == ["commitment"] and is_text(value["commitment"]))


def parse_entry(text):
    entry = load_json(text)
    kind = entry.get("format") if isinstance(entry, dict) else None
    need(entry is not None or text == "null", "o registro não é JSON")
    need(is_text(kind) and kind in (*RECORDS, INTENT), "formato desconhecido" + (f": {kind}" if is_text(kind) else ""), "UNKNOWN_FORMAT")
    if kind in FORMER:
        # Sem sal; e o que os outros deixam de fora, o primeiro tem como nulo.
        entry = {"salt": "", **{field: value for field, value in entry.items() if value is not None}}
    required = ["salt", "recorded_at", "transaction_id", "note"] if kind == INTENT else REQUIRED
    ids = ["organization_id"] if kind == INTENT else ["organization_id", "condominium_id"]
    good = is_id(entry.get("id")) and all(is_text(entry.get(field)) for field in required)
    good = good and is_id(entry["transaction_id"]) and INSTANT.match(entry["recorded_at"])
    good = good and all(is_id(entry[field]) for field in ids if field in entry)
    if kind != INTENT:
        good = good and entry["operation"] in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        good = good and all(is_text(entry[field]) for field in OPTIONAL if field in entry)
        good = good and all(is_personal(entry[field]) for field in PERSONAL if field in entry)
        states = [entry[side] for side in ("previous_state", "new_state") if side in entry]
        good = good and all(isinstance(state, dict) for state in states)
    need(good, f"o registro não tem a forma de {kind}")
    return entry


def commitment_in(value):
    if isinstance(value, dict) and list(value) == ["commitment"] and is_text(value["commitment"]):
        data = unbase64(value["commitment"])
        return data if data is not None and len(data) == 32 else None
    return None


def commitments_of(entry):
    values = [(field, entry.get(field)) for field in PERSONAL]
    for side in ("previous_state", "new_state"):
        values += [(f"{side}.{field}", value) for field, value in entry.get(side, {}).items()]
    found = {path: commitment_in(value) for path, value in values}
    return {path: data for path, data in found.items() if data is not None}


def commit(salt, path, json_text):
    # Metades de caracteres, que JSON admite e UTF-8 não, tornam-se o caractere que as substitui.
    text = re.sub("[\ud800-\udfff]", "\ufffd", f"{path}\0{json_text}")
    return hashlib.sha256(b"\2" + salt + text.encode()).digest()


def open_intent(text, keys, index):
    note = Note(text.encode("utf-8", "surrogatepass"))
    signers = note.verify(keys.of("intent"))
    in_range = any(keys.valid("intent", key, index) for key in signers)
    need(in_range, "a chave da intenção não vale neste índice", "KEY_OUT_OF_RANGE")
    lines = note.text.split("\n")
    intent = load_json(lines[1]) if len(lines) == 3 and lines[0] == "blindagem/intent" and lines[2] == "" else None
    need(isinstance(intent, dict), "a nota não é uma intenção")
    groups, actions = intent.get("groups"), intent.get("actions")
    good = is_id(intent.get("transaction_id")) and is_text(intent.get("actor_id")) and is_count(intent.get("records"))
    good = good and all(is_text(intent[f]) for f in ("actor_role", "request_id", "job_id") if f in intent)
    good = good and ("reason" not in intent or is_personal(intent["reason"]))
    good = good and isinstance(actions, list) and all(map(is_text, actions)) and isinstance(groups, list)
    good = good and all(isinstance(g, dict) and is_count(g.get("records")) and g["records"] > 0 for g in groups)
    good = good and all(is_base64(g.get("root")) and len(g["root"]) == 44 for g in groups)
    need(good and sum(g["records"] for g in groups) == intent["records"], "a nota não é uma intenção")
    return intent


def claims(entry):
    return entry["action"] != "OUT_OF_BAND"


def has_signed_reason(entry, intent):
    """No formato 6, um motivo em palavras é o da intenção. Nos anteriores, pode ser o que alguém escreveu: a intenção só diz o que foi pedido."""
    is_signed = entry["format"] == RECORD_6 and is_text(entry.get("reason"))
    return not is_signed or entry["reason"] == intent.get("reason")


# O pacote -----------------------------------------------------------------------------------------------------


class Bundle:
    def __init__(self, directory, keys=None, since=None):
        self.directory, self.trusted, self.since = directory, keys, since
        self.faults, self.counts, self.notices = [], Counter(), Counter()
        self.erasures = Counter()
        self.witnesses, self.told = [], set()
        self.records = self.intents = self.attested = 0
        self.waiting = defaultdict(list)  # transação -> [(índice, registro, hash)] ainda sem intenção
        self.rows, self.columns, self.emptied = {}, defaultdict(dict), {}
        self.last_index, self.saw_intents = -1, False
        self.closings, self.documents = [], set()

    def fault(self, code, message, where):
        self.counts[code] += 1
        if self.counts[code] <= 100:
            self.faults.append({"code": code, "message": message, "where": where})

    def attempt(self, where, check, once=False):
        try:
            return check()
        except Fault as fault:
            if not once or str(fault) not in self.told:
                self.fault(fault.code, str(fault), where)
            if once:
                self.told.add(str(fault))
            return None

    def read(self, path):
        try:
            with open(os.path.join(self.directory, path), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            raise Fault("MISSING_FILE", f"falta o arquivo {path}")

    def verify(self):
        manifest = self.attempt("manifest.json", self.read_manifest)
        keys = self.attempt("keys", self.read_keys)
        if manifest is None or keys is None:
            return
        self.manifest, self.keys = manifest, keys
        for month in manifest.get("elsewhere", []):
            self.notices["ELSEWHERE"] += int(month["records"])
        signed = self.attempt("checkpoint", self.read_checkpoint)
        size = signed.size if signed else manifest["treeSize"]
        self.tree = Tree(self.read, size)
        root = self.attempt("tile", self.tree.root, once=True)
        if root is not None and signed is not None and root != signed.root:
            self.fault("ROOT_MISMATCH", "os blocos não dão a raiz do checkpoint", "tile")
        folder = os.path.join(self.directory, "checkpoints")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            path = f"checkpoints/{name}"
            self.attempt(path, lambda: self.check_earlier(path, self.read(path)))
        if self.since is not None:
            self.attempt("--since", lambda: self.check_earlier("--since", self.since))
        if signed is not None and not self.witnesses:
            self.notices["UNWITNESSED"] += 1
        self.attempt("records", self.check_records)
        for transaction, records in self.waiting.items():
            claimed = [record for record in records if claims(record[1])]
            if claimed:
                index, entry, _ = claimed[0]
                self.fault("UNATTESTED", f"a transação {transaction} não tem intenção assinada", f"índice {index}, registro {entry['id']}")
        for closing in self.closings:
            self.check_closing(*closing)
        self.check_documents()
        if self.records < size:
            self.notices["GAPS"] += size - self.records

    def read_manifest(self):
        try:
            manifest = load_json(self.read("manifest.json").decode("utf-8"))
        except UnicodeDecodeError:
            manifest = None
        good = isinstance(manifest, dict) and manifest.get("format") == "blindagem-bundle-1"
        good = good and is_text(manifest.get("origin")) and manifest["origin"] != "" and is_count(manifest.get("treeSize"))
        good = good and is_datetime(manifest.get("createdAt"), "Z")
        good = good and isinstance(manifest.get("organizations"), list) and isinstance(manifest.get("condominiums", []), list)
        good = good and all(map(is_id, manifest["organizations"] + manifest.get("condominiums", [])))
        month = manifest.get("month", "2026-01") if good else None
        good = good and is_text(month) and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month) is not None
        good = good and isinstance(manifest.get("documents", False), bool)
        erased = manifest.get("erasedDocuments", []) if good else None
        good = good and isinstance(erased, list) and all(is_text(name) and re.fullmatch("[0-9a-f]{64}", name) for name in erased)
        recorded = manifest.get("recordedIn", "2026-01") if good else None
        good = good and is_text(recorded) and MONTH.match(recorded)
        good = good and isinstance(manifest.get("elsewhere", []), list) and all(map(is_month, manifest.get("elsewhere", [])))
        need(good, "o manifesto não é o de um pacote (blindagem-bundle-1)")
        return {**manifest, "treeSize": int(manifest["treeSize"])}

    def read_keys(self):
        if self.trusted is not None:
            return self.trusted
        self.notices["KEYS_FROM_BUNDLE"] += 1
        return KeyList(self.read("keys").decode("utf-8", "replace"))

    def read_checkpoint(self):
        checkpoint = Checkpoint(self.read("checkpoint")).verify(self.keys, self.manifest["origin"])
        if checkpoint.size != self.manifest["treeSize"]:
            self.fault("MALFORMED", "o manifesto e o checkpoint têm tamanhos diferentes", "manifest.json")
        self.add_witnesses("checkpoint", checkpoint)
        return checkpoint

    def add_witnesses(self, where, checkpoint):
        found, faults = checkpoint.witnesses(self.keys)
        for fault in faults:
            self.fault(fault.code, str(fault), where)
        for witness in found:
            if witness not in self.witnesses:
                self.witnesses.append(witness)

    def check_earlier(self, where, data):
        earlier = Checkpoint(data).verify_earlier(self.keys, self.manifest["origin"])
        need(earlier.size <= self.tree.size, f"o registro já teve {earlier.size} folhas", "ROLLBACK")
        same = self.tree.root(earlier.size) == earlier.root
        need(same, f"as primeiras {earlier.size} folhas eram outras", "FORK")
        self.add_witnesses(where, earlier)

    def check_records(self):
        self.next_tile, self.unread, self.hashes = 0, 0, None
        self.withheld = self.withheld_lines()
        self.beside = self.personal_lines()
        self.next_beside = next(self.beside, None)
        try:
            with open(os.path.join(self.directory, "records"), "rb") as file:
                for number, line in enumerate(file, 1):
                    self.check_line(number, line[:-1] if line.endswith(b"\n") else line)
            self.pass_withheld(SAFE)
            self.take_beside(SAFE)
        except FileNotFoundError:
            raise Fault("MISSING_FILE", "falta o arquivo records")
        finally:
            self.advance(-(-self.tree.size // WIDTH))

    def withheld_lines(self):
        """As linhas de withheld.jsonl: registros que ficaram de fora, mas completam grupos de intenções."""
        lines = deque()
        try:
            data = self.read("withheld.jsonl")
        except Fault:
            return lines
        for number, text in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            if text == "":
                continue
            line = load_json(text)
            good = isinstance(line, dict) and is_count(line.get("index")) and is_text(line.get("sensitivity"))
            good = good and is_id(line.get("id")) and is_id(line.get("transaction_id"))
            good = good and all(is_id(line[f]) for f in ("organization_id", "condominium_id") if f in line)
            if good and line["index"] > (lines[-1]["index"] if lines else -1):
                lines.append({**line, "index": int(line["index"])})
            else:
                self.fault("MALFORMED", f"a linha {number} não diz de um registro que ficou de fora", "withheld.jsonl")
        return lines

    def pass_withheld(self, index):
        """Dá aos grupos os registros de fora que vêm antes desse índice: deles há só o hash, na árvore."""
        while self.withheld and self.withheld[0]["index"] < index:
            line = self.withheld.popleft()
            at, where = line["index"], f"withheld.jsonl, índice {line['index']}"
            if at >= self.tree.size:
                self.fault("LEAF_MISMATCH", "o índice está fora da árvore", where)
                continue
            self.advance(at // WIDTH + 1)
            entry = {**line, "format": RECORD_6, "action": "OUT_OF_BAND"}
            self.check_scope(entry, where)
            self.notices["WITHHELD_RECORDS"] += 1
            if self.hashes is not None:
                self.waiting[line["transaction_id"]].append((at, entry, self.hashes[at % WIDTH]))

    def check_closing(self, index, record, size, root):
        """O checkpoint em que um mês foi fechado é, como qualquer outro, o começo desta árvore."""
        same = size <= index and self.attempt("tile", lambda: self.tree.root(size), once=True) == root
        if not same:
            self.fault("FORK", f"o fechamento diz de {size} folhas outra raiz que a delas", f"índice {index}, registro {record}")

    def check_documents(self):
        folder = os.path.join(self.directory, "documents")
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        for name in names:
            digest = hashlib.sha256(self.read(f"documents/{name}")).hexdigest()
            if name not in self.documents or digest != name:
                self.fault("DOCUMENT_MISMATCH", "o documento não é um dos que os registros dizem", f"documents/{name}")
        if self.manifest.get("documents", False):
            erased = set(self.manifest.get("erasedDocuments", []))
            for name in sorted(self.documents - set(names)):
                if name in erased:
                    self.notices["ERASED_DOCUMENTS"] += 1
                else:
                    self.fault("MISSING_FILE", f"falta o arquivo documents/{name}", f"documents/{name}")

    def personal_lines(self):
        """As linhas de personal.jsonl, que só existe se há o que dizer ao lado dos registros."""
        last = -1
        try:
            with open(os.path.join(self.directory, "personal.jsonl"), "rb") as file:
                for number, line in enumerate(file, 1):
                    record = load_json(line.decode("utf-8", "replace"))
                    good = isinstance(record, dict) and is_count(record.get("index")) and is_side(record)
                    if good and record["index"] > last:
                        last = int(record["index"])
                        yield {**record, "index": last}
                    else:
                        self.fault("MALFORMED", f"a linha {number} não traz valores de um registro", "personal.jsonl")
        except FileNotFoundError:
            pass

    def take_beside(self, index):
        """O que está ao lado desse registro; o que é de um índice sem registro não pode estar ali."""
        while self.next_beside is not None and self.next_beside["index"] <= index:
            record, self.next_beside = self.next_beside, next(self.beside, None)
            if record["index"] == index:
                return record
            self.fault("MALFORMED", "há valores para um índice sem registro no pacote", f"índice {record['index']}")
        return {}

    def advance(self, tiles):
        """Passa por todos os blocos de folhas, também os que não têm registro no pacote, enquanto não faltam demais."""
        while self.next_tile < tiles:
            if self.unread >= MOST_UNREAD:
                self.next_tile = tiles - 1
            self.hashes = self.attempt("tile", lambda: self.tree.tile(0, self.next_tile), once=True)
            self.unread += self.hashes is None
            self.next_tile += 1

    def check_line(self, number, line):
        digits, space, data = line.partition(b" ")
        try:
            text = data.decode("utf-8")
            good = space and PLACE.match(digits.decode("ascii")) and int(digits) < SAFE
        except UnicodeDecodeError:
            good = False
        if not good:
            self.fault("MALFORMED", f"a linha {number} não é um registro de pacote", "records")
            return
        self.records += 1
        index, where = int(digits), f"índice {int(digits)}"
        if index <= self.last_index:
            code = "DUPLICATE_INDEX" if index == self.last_index else "WRONG_ORDER"
            self.fault(code, f"o índice vem depois do {self.last_index}", where)
            return
        self.last_index = index
        if index >= self.tree.size:
            self.fault("LEAF_MISMATCH", "o índice está fora da árvore", where)
            return
        self.pass_withheld(index)
        self.advance(index // WIDTH + 1)
        leaf = leaf_hash(data)
        if self.hashes is not None and self.hashes[index % WIDTH] != leaf:
            self.fault("LEAF_MISMATCH", "o conteúdo não dá o hash que está na árvore", where)
        self.attempt(where, lambda: self.check_entry(index, text, leaf))

    def check_entry(self, index, text, leaf):
        record = self.take_beside(index)
        entry = parse_entry(text)
        where = f"índice {index}, registro {entry['id']}"
        self.check_scope(entry, where)
        if entry["format"] == INTENT:
            self.intents += 1
            self.attempt(where, lambda: self.check_intent(index, entry))
            return
        if entry["format"] not in (*FORMER, RECORD_3):
            self.saw_intents = True
            self.waiting[entry["transaction_id"]].append((index, entry, leaf))
        elif self.saw_intents:
            self.fault("OLD_FORMAT", "um registro de formato 1 a 3 depois de um de formato posterior", where)
        else:
            self.notices["BEFORE_INTENTS"] += 1
        if not claims(entry):
            of_a_tenant = "organization_id" in entry or "condominium_id" in entry
            wide = not of_a_tenant and entry["operation"] != "TRUNCATE"
            self.notices["OUT_OF_BAND_PLATFORM" if wide else "OUT_OF_BAND"] += 1
        self.check_personal(record, entry, where)
        self.note_named(index, entry)
        self.check_chain(index, entry, record.get("personal", {}).get("values", {}), where)

    def note_named(self, index, entry):
        """O que os registros nomeiam e está fora deles: checkpoints de fechamentos, documentos."""
        state = entry.get("new_state", {})
        if entry["entity_type"] == "closings" and is_text(state.get("root")):
            size = state.get("tree_size")
            if is_text(size) and re.fullmatch(r"[1-9][0-9]{0,14}", size):
                self.closings.append((index, entry["id"], int(size), unbase64(state["root"])))
        elif entry["entity_type"] == "expense_documents" and is_text(state.get("sha256")):
            self.documents.add(state["sha256"])

    def check_scope(self, entry, where):
        organization, condominium = entry.get("organization_id"), entry.get("condominium_id")
        condominiums = self.manifest.get("condominiums")
        if entry["format"] != INTENT and condominium is not None and condominiums is not None:
            inside = condominium in condominiums
        else:
            inside = organization is None or organization in self.manifest["organizations"]
        if not inside:
            self.fault("FOREIGN_RECORD", "o registro não é de quem o manifesto diz", where)

    def check_intent(self, index, entry):
        intent = open_intent(entry["note"], self.keys, index)
        transaction = entry["transaction_id"]
        need(intent["transaction_id"] == transaction, "a intenção é de outra transação", "INTENT_MISMATCH")
        groups = defaultdict(list)
        for record in self.waiting.pop(transaction, []):
            of = record[1]
            groups[of.get("organization_id"), of.get("condominium_id"), of["sensitivity"]].append(record)
        signed = {(g["records"], g["root"]) for g in intent["groups"]}
        wrong = claimed_records = 0
        for members in groups.values():
            claimed = [record for record in members if claims(record[1])]
            if not claimed:
                continue
            claimed_records += len(claimed)
            hashes = [leaf for _, _, leaf in sorted(members, key=lambda record: int(record[1]["id"]))]
            if (len(hashes), base64.b64encode(tree_hash(hashes)).decode()) not in signed:
                wrong += 1
                first, of, _ = claimed[0]
                self.fault("UNATTESTED", "a intenção não cobre estes registros", f"índice {first}, registro {of['id']}")
                continue
            for at, of, _ in claimed:
                same = all(of.get(f) == intent.get(f) for f in ("actor_id", "actor_role", "request_id", "job_id"))
                if not same or not has_signed_reason(of, intent) or of["action"] not in intent["actions"]:
                    wrong += 1
                    self.fault("UNATTESTED", "o registro diz outra coisa que a intenção", f"índice {at}, registro {of['id']}")
        self.attested += 0 if wrong else claimed_records

    def check_personal(self, record, entry, where):
        commitments, personal = commitments_of(entry), record.get("personal")
        if personal is not None:
            salt = unbase64(personal["salt"])
            shared = unbase64(personal.get("contextSalt", personal["salt"]))
            need(all(each is not None and len(each) == 16 for each in (salt, shared)), "o sal de um registro tem 16 bytes")
            for path, text in personal["values"].items():
                if commitments.get(path) != commit(shared if path in CONTEXT else salt, path, text):
                    self.fault("COMMITMENT_MISMATCH", f'o valor de "{path}" não é o do registro', where)
        if "erased" in record:
            self.notices["ERASED"] += 1
            self.erasures[record["erased"]["erasureId"], record["erased"]["erasedAt"]] += 1
        elif len(personal["values"] if personal else {}) < len(commitments):
            self.notices["WITHHELD"] += 1

    def check_chain(self, index, entry, values, where):
        """O que um registro diz que havia antes tem de ser o que o registro anterior da linha deixou."""
        kind, operation = entry["entity_type"], entry["operation"]
        emptied = self.emptied.get(kind)
        if operation == "TRUNCATE":
            if emptied is not None and int(entry["id"]) <= emptied:
                self.fault("WRONG_ORDER", "a tabela foi esvaziada fora de ordem", where)
            self.emptied[kind] = int(entry["id"])
            return
        row = self.rows.get((kind, entry["entity_id"]))
        before, after = known_state(entry, "previous_state", values), known_state(entry, "new_state", values)
        if row and int(entry["id"]) <= int(row["last_id"]):
            self.fault("WRONG_ORDER", f"o registro vem depois do {row['last_id']}, da mesma linha", where)
        gone = row is not None and (row["deleted"] or (emptied is not None and int(row["last_id"]) < emptied))
        lived = row is not None and not gone
        if lived if operation == "INSERT" else gone:
            self.fault("BROKEN_CHAIN", "a linha nasce de novo, ou muda depois de excluída", where)
        if lived and any(not may_equal(self.last_value(kind, row, f), v) for f, v in before.items()):
            self.fault("BROKEN_CHAIN", "a linha mudou sem registro", where)
        self.rows[kind, entry["entity_id"]] = {
            "last_id": entry["id"],
            "deleted": operation == "DELETE",
            "fields": {**(row["fields"] if row else {}), **before, **after} if operation == "UPDATE" else after,
            "inserted": index if operation == "INSERT" else row and row["inserted"],
        }
        for field in [*before, *after]:
            self.columns[kind].setdefault(field, index)

    def last_value(self, kind, row, field):
        if field in row["fields"]:
            return row["fields"][field]
        # Uma inclusão deixa de fora as colunas vazias: as que já existiam eram nulas.
        seen = self.columns[kind].get(field)
        empty = row["inserted"] is not None and seen is not None and seen < row["inserted"]
        return None if empty else UNKNOWN


def is_side(record):
    """Se o que vem ao lado do registro (personal, erased) tem a forma certa."""
    personal, erased = record.get("personal", {"salt": "", "values": {}}), record.get("erased")
    good = isinstance(personal, dict) and is_base64(personal.get("salt")) and is_base64(personal.get("contextSalt", ""))
    good = good and isinstance(personal.get("values"), dict) and all(map(is_text, personal["values"].values()))
    if "erased" in record:
        good = good and isinstance(erased, dict) and is_text(erased.get("erasureId"))
        good = good and is_datetime(erased.get("erasedAt"))
    return good


def known_state(entry, side, values):
    state = {}
    for field, value in entry.get(side, {}).items():
        if entry["format"] in FORMER:
            # Números e horas estão ali escritos de outra forma que nos seguintes.
            value = UNKNOWN
        elif commitment_in(value) is not None:
            text = values.get(f"{side}.{field}")
            value = UNKNOWN if text is None else load_json(text, UNKNOWN)
        state[field] = value
    return state


def may_equal(one, other):
    return one is UNKNOWN or other is UNKNOWN or are_same(one, other)


# Provas (C2SP tlog-proof) e vetores ---------------------------------------------------------------------------


def check_proof(data, keys, entry=None):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("MALFORMED", "a prova não é UTF-8")
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    need(blank and lines.pop(0) == "c2sp.org/tlog-proof@v1", "não é uma prova c2sp.org/tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0)[6:])
        need(extra is not None, "a linha extra não é base64")
        entry = extra if entry is None else entry
    index = re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "")
    path = [unbase64(line) for line in lines]
    need(index and len(path) <= 63 and all(h is not None and len(h) == 32 for h in path), "a prova está malformada")
    need(entry is not None, "a prova não traz o registro: dê o arquivo dele com --entry")
    signed = Checkpoint(checkpoint.encode())
    signed.verify(keys, signed.origin)
    witnesses, faults = signed.witnesses(keys)
    for fault in faults:
        raise fault
    check_inclusion(int(index[1]), signed.size, leaf_hash(entry), path, signed.root)
    return int(index[1]), signed, witnesses


def told_keys(text):
    """O que diz uma lista de chaves, como está nos vetores."""
    fields = ("role", "name", "from", "until", "origin")
    return [dict(zip(fields, (role, key.name, *rest))) for role, key, *rest in KeyList(text).entries]


def self_test(directory):
    """Roda os vetores de teste que este verificador tem em comum com o da plataforma."""

    def vectors(name):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            return json.load(file)

    def passes(check):
        try:
            check()
            return True
        except Fault:
            return False

    tree, note, decode = vectors("tree.json"), vectors("note.json"), base64.b64decode
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
    results = [tree_hash(leaves[:size]).hex() == root for size, root in enumerate(tree["roots"])]
    for v in tree["inclusion"]:
        proof = [v["index"], v["size"], decode(v["leafHash"]), [*map(decode, v["proof"])], decode(v["root"])]
        results.append(passes(lambda: check_inclusion(*proof)) == v["valid"])
    for v in tree["consistency"]:
        proof = [v["oldSize"], v["size"], decode(v["oldRoot"]), decode(v["root"]), [*map(decode, v["proof"])]]
        results.append(passes(lambda: check_consistency(*proof)) == v["valid"])
    results += [passes(lambda: Note(v["note"].encode()).verify([Key(v["key"])])) for v in note["valid"]]
    results += [not passes(lambda: Note(v["note"].encode())) for v in note["malformed"]]
    results += [not passes(lambda: Key(text)) for text in note["keys"]]
    lists = vectors("key-list.json")
    for v in lists["valid"]:
        results.append(passes(lambda: need(told_keys(v["text"]) == v["keys"], "a lista diz outra coisa")))
    results += [not passes(lambda: KeyList(text)) for text in lists["malformed"]]
    for v in vectors("commitment.json")["vectors"]:
        results.append(commit(decode(v["salt"]), v["path"], v["jsonText"]) == decode(v["commitment"]))
    print(f"{sum(results)} de {len(results)} vetores conferem.")
    return all(results)


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def unreadable(error):
    """O que se diz de um arquivo que o sistema não deixa ler, e que arquivo é."""
    words = {errno.ENOENT: "o arquivo não existe", errno.EISDIR: "é um diretório, e espera-se um arquivo", errno.EACCES: "falta permissão para o ler"}
    return words.get(error.errno, f"não pode ser lido ({error.strerror})"), error.filename


def main():
    parser = argparse.ArgumentParser(description="Verificador independente do registro de auditoria da Blindagem.")
    commands = parser.add_subparsers(dest="command", required=True)
    bundle = commands.add_parser("bundle", help="confere um pacote de registros")
    bundle.add_argument("path")
    bundle.add_argument("--since", help="checkpoint que você guardou de outra vez")
    proof = commands.add_parser("proof", help="confere uma prova (.tlog-proof)")
    proof.add_argument("path")
    proof.add_argument("--entry", help="o registro (padrão: o que está na prova)")
    for command, required in ((bundle, False), (proof, True)):
        command.add_argument("--keys", required=required, help="lista de chaves em que você confia")
        command.add_argument("--json", action="store_true", help="relatório em JSON")
    commands.add_parser("selftest", help="roda os vetores de teste").add_argument("path")
    options = parser.parse_args()
    # O que um pacote traz pode não ser imprimível: metades de caracteres, por exemplo, que JSON admite.
    sys.stdout.reconfigure(errors="backslashreplace")
    if options.command == "selftest":
        try:
            return 0 if self_test(options.path) else 1
        except OSError as error:
            message, where = unreadable(error)
            print(f"{where}: {message}; diga o diretório dos vetores, test/fixtures/audit")
            return 1
    try:
        keys = KeyList(read_file(options.keys).decode("utf-8", "replace")) if options.keys else None
        if options.command == "proof":
            entry = read_file(options.entry) if options.entry else None
            index, signed, witnesses = check_proof(read_file(options.path), keys, entry)
            report = {"ok": True, "origin": signed.origin, "treeSize": signed.size, "index": index, "witnesses": witnesses, "faultCounts": {}, "faults": [], "notices": {}}
        else:
            need(os.path.exists(options.path), "o diretório não existe", "UNREADABLE")
            need(os.path.isdir(options.path), "não é um diretório: um pacote em tar se desempacota antes", "UNREADABLE")
            found = Bundle(options.path, keys, read_file(options.since) if options.since else None)
            found.verify()
            counts = {"records": found.records, "attested": found.attested, "intents": found.intents}
            report = {"ok": not found.counts, "counts": counts, "witnesses": found.witnesses, "faultCounts": found.counts, "faults": found.faults, "notices": found.notices}
            report["erasures"] = [{"erasureId": by, "erasedAt": at, "records": count} for (by, at), count in found.erasures.items()]
    except (Fault, OSError) as error:
        code = getattr(error, "code", "UNREADABLE")
        message, where = unreadable(error) if isinstance(error, OSError) else (str(error), options.path)
        report = {"ok": False, "faultCounts": {code: 1}, "faults": [{"code": code, "message": message, "where": where or options.path}], "witnesses": [], "notices": {}}
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for name in dict.fromkeys(witness["name"] for witness in report["witnesses"]):
            signed = [witness for witness in report["witnesses"] if witness["name"] == name]
            last = max(signed, key=lambda witness: witness["size"])
            earlier = f"; antes, mais {len(signed) - 1}" if len(signed) > 1 else ""
            print(f"Testemunha {name} assinou em {last['at']} as primeiras {last['size']} folhas{earlier}.")
        for erasure in report.get("erasures", []):
            print(f"Dados pessoais de {erasure['records']} registros apagados em {erasure['erasedAt']}, pelo registro {erasure['erasureId']}.")
        for code, count in report["notices"].items():
            print(f"Aviso {code}: {count}")
        for fault in report["faults"]:
            print(f"Falha {fault['code']}, {fault['where']}: {fault['message']}")
        print("CONFERE: nada de errado foi encontrado." if report["ok"] else "NÃO CONFERE.")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
