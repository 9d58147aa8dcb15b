"""The messages of the protocol as bytes: protobuf, as far as these few messages need it."""

import json
import struct

NONE, DOUBLE, INT, STRING, PARQUET, ARROW, JSON = range(7)


def _varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _bytes_field(number, value):
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint_at(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def fields(data):
    """Number and value of each field, in their order; integers and bytes, others are passed over."""
    at = 0
    while at < len(data):
        tag, at = _varint_at(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint_at(data, at)
        elif kind == 2:
            size, at = _varint_at(data, at)
            if at + size > len(data):
                raise ValueError("expected a whole message, received a part of one")
            value, at = data[at : at + size], at + size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
            continue
        else:
            raise ValueError(f"expected a field of a known kind, received kind {kind}")
        yield number, value


def status(code, message=""):
    """A response that holds a status and nothing else."""
    inner = _bytes_field(1, code.encode())
    if message:
        inner += _bytes_field(2, message.encode("utf-8", "replace"))
    return _bytes_field(1, inner)


def answer(value):
    """A response of a call that went well."""
    if value is None:
        return status("SUCCESS")
    kind, data = encode(value)
    return status("SUCCESS") + _bytes_field(2, _varint(2 << 3) + _varint(kind) + _bytes_field(3, data))


def encode(value):
    """The type and bytes of a result. Raises ValueError for what cannot be sent."""
    if isinstance(value, float):
        return DOUBLE, struct.pack("<d", value)
    if isinstance(value, int):
        return INT, value.to_bytes(8, "little", signed=True)
    if isinstance(value, str):
        return STRING, value.encode()
    if isinstance(value, (dict, list)):
        return JSON, json.dumps(value).encode()
    raise ValueError(f"expected a number, a text, a dict or a list, received {type(value)}")


def decode(data):
    """The value of a variant. Raises ValueError for a type that needs more than this host has."""
    kind, value = NONE, b""
    for number, part in fields(data):
        if number == 2:
            kind = part
        elif number == 3:
            value = part
    if kind == NONE:
        return None
    if kind == DOUBLE:
        return struct.unpack("<d", value)[0]
    if kind == INT:
        return int.from_bytes(value, "little", signed=True)
    if kind == STRING:
        return value.decode()
    if kind == JSON:
        return json.loads(value)
    raise ValueError("expected DOUBLE, INT, STRING or JSON: tables need crunch-model-runner")


def request(data):
    """Name, positional and keyword arguments of a Setup or a Call, which have the same fields."""
    name, positional, keywords = "", [], {}
    for number, part in fields(data):
        if number == 1:
            name = part.decode()
        elif number in (2, 3):
            place, value = 0, None
            for inner, content in fields(part):
                if inner == 1:
                    place = content
                elif inner == 2:
                    value = decode(content)
            if number == 2:
                positional.append((place, value))
            else:
                keywords[place.decode() if place else ""] = value
    return name, [value for _, value in sorted(positional, key=lambda pair: pair[0])], keywords


SERVING = _varint(1 << 3) + _varint(1)
