"""Does a dex file refer only to what Android has? A phone would say so only when it comes to the place.

Names are those of class files: `java/lang/String`, methods `length()I`, fields `size:I`.
"""

import shutil
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

CALL_SITE, METHOD_HANDLE = 7, 8  # item types of a dex file's map
TEXT = 1  # tag of a class file's constant; all others have fixed sizes
CONSTANT_SIZES = {tag: size for size, tags in {2: (7, 8, 16, 19, 20), 3: (15,), 4: (3, 4, 9, 10, 11, 12, 17, 18),
                                               8: (5, 6)}.items() for tag in tags}
JAVA = "8"  # release whose classes every Android that we run on has
MODULES = ("java.base", "java.logging", "java.sql", "java.xml")


@dataclass
class Class:
    """What a class has itself and where it looks for the rest."""

    parents: list[str]
    members: set[str] = field(default_factory=set)


class Dex:
    """A dex file's tables.

    Attributes:
      defined: name -> class, of those in it.
      types: names of all classes that it refers to.
      members: (class, member) of all methods and fields that it refers to.
      dynamic: it holds `invoke-custom` or method handles.
    """

    def __init__(self, content: bytes):
        self._content = content
        (map_at,) = struct.unpack_from("<I", content, 52)
        items = struct.iter_unpack("<HHII", content[map_at + 4:map_at + 4 + 12 * self._int(map_at)])
        tables = {kind: (count, offset) for kind, _, count, offset in items}
        self.dynamic = CALL_SITE in tables or METHOD_HANDLE in tables

        def rows(kind: int, layout: str) -> list[tuple]:
            count, offset = tables.get(kind, (0, 0))
            return list(struct.iter_unpack(layout, content[offset:offset + count * struct.calcsize(layout)]))

        strings = [self._string(at) for (at,) in rows(1, "<I")]
        types = [strings[n] for (n,) in rows(2, "<I")]
        protos = [f"({''.join(types[n] for n in self._list(at))}){types[back]}" for _, back, at in rows(3, "<III")]
        fields = [(types[owner], f"{strings[name]}:{types[kind]}") for owner, kind, name in rows(4, "<HHI")]
        methods = [(types[owner], strings[name] + protos[proto]) for owner, proto, name in rows(5, "<HHI")]
        self.types = {_class(name) for name in types if name.lstrip("[").startswith("L")}
        self.members = {(_class(owner), member) for owner, member in fields + methods if owner.startswith("L")}
        self.defined: dict[str, Class] = {}
        for kind, _, parent, interfaces, _, _, data, _ in rows(6, "<8I"):
            parents = [parent] * (parent != 0xFFFFFFFF) + self._list(interfaces)
            self.defined[_class(types[kind])] = Class([_class(types[n]) for n in parents],
                                                      self._members(data, fields, methods) if data else set())

    def _int(self, at: int) -> int:
        return struct.unpack_from("<I", self._content, at)[0]

    def _list(self, at: int) -> list[int]:
        return list(struct.unpack_from(f"<{self._int(at)}H", self._content, at + 4)) if at else []

    def _uleb128(self, at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = self._content[at]
            value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
            if byte < 128:
                return value, at

    def _string(self, at: int) -> str:
        _, at = self._uleb128(at)
        return self._content[at:self._content.index(b"\0", at)].decode(errors="replace")

    def _members(self, at: int, fields: list[tuple[str, str]], methods: list[tuple[str, str]]) -> set[str]:
        counts = []
        for _ in range(4):
            count, at = self._uleb128(at)
            counts.append(count)
        found = set()
        for table, columns, count in zip((fields, fields, methods, methods), (2, 2, 3, 3), counts, strict=True):
            index = 0
            for _ in range(count):
                step, at = self._uleb128(at)
                index += step
                found.add(table[index][1])
                for _ in range(columns - 1):
                    _, at = self._uleb128(at)
        return found


class Platform:
    """The classes of a phone: Android's framework from a jar, Java's own as the compiler of Java 8 knows them."""

    def __init__(self, framework: Path):
        self._framework = zipfile.ZipFile(framework)
        javac = shutil.which("javac")
        assert javac
        self._java = zipfile.ZipFile(Path(javac).resolve().parents[1] / "lib/ct.sym")
        self._paths = {path: (self._framework, path) for path in self._framework.namelist()}
        for path in self._java.namelist():  # such as 879A/java.base/java/lang/Object.sig: releases 7 to 10
            releases, _, rest = path.partition("/")
            module, _, name = rest.partition("/")
            if JAVA in releases and module in MODULES:
                self._paths.setdefault(name.replace(".sig", ".class"), (self._java, path))

    @cache  # noqa: B019  # lives as long as the build
    def find(self, name: str) -> Class | None:
        """A class, or None if there is none."""
        archive, path = self._paths.get(f"{name}.class", (None, ""))
        return _parse_class(archive.read(path)) if archive else None


def missing(dexes: Iterable[Dex], platform: Platform) -> list[str]:
    """Classes, methods and fields that neither the dex files nor the platform have, sorted."""
    dexes = list(dexes)
    defined = {name: found for dex in dexes for name, found in dex.defined.items()}

    def find(name: str) -> Class | None:
        return defined.get(name) or platform.find(name)

    def has(name: str, member: str) -> bool:
        owner = find(name)
        # a class that is itself missing is reported as such
        return not owner or member in owner.members or any(has(parent, member) for parent in owner.parents)

    absent = {name for dex in dexes for name in dex.types if not find(name)}
    absent |= {f"{owner}.{member}" for dex in dexes for owner, member in dex.members if not has(owner, member)}
    return sorted(absent)


def _class(descriptor: str) -> str:
    return descriptor.lstrip("[")[1:-1]


def _parse_class(content: bytes) -> Class:
    """The little of a class file that linking needs."""
    (count,) = struct.unpack_from(">H", content, 8)
    at, constants = 10, [(0, b"")] * count
    n = 1
    while n < count:
        tag = content[at]
        size = struct.unpack_from(">H", content, at + 1)[0] + 2 if tag == TEXT else CONSTANT_SIZES[tag]
        constants[n] = (tag, content[at + 1:at + 1 + size])
        at, n = at + 1 + size, n + (2 if tag in (5, 6) else 1)

    def text(n: int) -> str:
        return constants[n][1][2:].decode(errors="replace")

    def name(n: int) -> str:
        return text(int.from_bytes(constants[n][1]))

    _, _, parent, interfaces = struct.unpack_from(">4H", content, at)
    at += 8
    found = Class([name(n) for n in ([parent] if parent else [])
                   + list(struct.unpack_from(f">{interfaces}H", content, at))])
    at += 2 * interfaces
    for separator in (":", ""):  # fields, then methods
        (members,) = struct.unpack_from(">H", content, at)
        at += 2
        for _ in range(members):
            _, named, kind, attributes = struct.unpack_from(">4H", content, at)
            found.members.add(f"{text(named)}{separator}{text(kind)}")
            at += 8
            for _ in range(attributes):
                at += 6 + struct.unpack_from(">I", content, at + 2)[0]
    return found
