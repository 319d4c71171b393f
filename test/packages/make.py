#!/usr/bin/env python3
"""Makes the sample archives of this folder anew: the same bytes each time.

They are kept, so that the tests need no Python; run this after a change of it.
Each name says what is in it. A tar ends with two empty blocks and no more.
"""
import bz2
import io
import lzma
import pathlib
import struct
import tarfile
import warnings
import zipfile
import zlib

HERE = pathlib.Path(__file__).parent
SKILL = b"---\nname: sample\ndescription: Use it in tests.\n---\nDo it.\n"
WHEN = (2025, 1, 1, 0, 0, 0)


def keep(name, data):
    (HERE / name).write_bytes(data)


def tar_of(*entries, format=tarfile.GNU_FORMAT, pax=None):
    """Each entry is a name and its content, or a TarInfo, or both."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, pax_headers=pax or {}) as tar:
        for entry in entries:
            info, content = entry if isinstance(entry, tuple) else (entry, b"")
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return trim(out.getvalue())


def trim(data):
    """Blocks up to the last that is not empty, and two empty ones."""
    blocks = [data[i:i + 512] for i in range(0, len(data), 512)]
    while blocks and not blocks[-1].strip(b"\0"):
        blocks.pop()
    return b"".join(blocks) + bytes(1024)


def info(name, type=tarfile.REGTYPE, **fields):
    result = tarfile.TarInfo(name)
    result.type = type
    for field, value in fields.items():
        setattr(result, field, value)
    return result


def gzip_of(data, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    return (b"\x1f\x8b\x08\0\0\0\0\0\x02\x03" + body +
            struct.pack("<II", zlib.crc32(data), len(data) & 0xffffffff))


def zip_of(*entries, method=zipfile.ZIP_STORED, mode=0o100644):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content, *rest in entries:
            item = zipfile.ZipInfo(name, WHEN)
            item.compress_type = rest[1] if len(rest) > 1 else method
            item.external_attr = (rest[0] if rest else mode) << 16
            archive.writestr(item, content)
    return out.getvalue()


def taken():
    files = [("sample/SKILL.md", SKILL), ("sample/references/a.md", b"A\r\n"), ("sample/scripts/run.sh", b"#!/bin/sh\n")]
    with_mode = [files[0], files[1], (info("sample/scripts/run.sh", mode=0o755), files[2][1])]
    keep("folder.zip", zip_of(files[0], files[1], (*files[2], 0o100755), method=zipfile.ZIP_DEFLATED))
    keep("folder.tar", tar_of(info("sample/", tarfile.DIRTYPE, mode=0o755), *with_mode))
    keep("folder.tar.gz", gzip_of(tar_of(*with_mode)))
    keep("empty_folders.tar", tar_of(("sample/SKILL.md", SKILL), info("sample/references/", tarfile.DIRTYPE), info("other/", tarfile.DIRTYPE)))
    keep("flat.zip", zip_of(("SKILL.md", SKILL), ("a.md", b"")))
    keep("flat_from_current_folder.tar", tar_of(info("./", tarfile.DIRTYPE), ("./SKILL.md", SKILL), ("./a.md", b"")))
    keep("other_folder.tar", tar_of(("another/SKILL.md", SKILL)))
    keep("lower_case.zip", zip_of(("skill.md", SKILL)))
    keep("mac.zip", zip_of(("sample/SKILL.md", SKILL), ("__MACOSX/sample/._SKILL.md", b"\0"), ("__MACOSX/", b"", 0o40755),
                           ("sample/.DS_Store", b"\0"), ("sample/a/.DS_Store", b"\0")))
    keep("unicode.zip", zip_of(("SKILL.md", SKILL), ("caf\u00e9/re\u0301sume\u0301.md", b"1")))
    keep("unicode_pax.tar", tar_of(("SKILL.md", SKILL), ("caf\u00e9/re\u0301sume\u0301.md", b"1"), format=tarfile.PAX_FORMAT))
    keep("unicode_gnu.tar", tar_of(("SKILL.md", SKILL), ("caf\u00e9/re\u0301sume\u0301.md", b"1")))
    long = "references/" + "n" * 240 + "/" + "m" * 255 + ".md"
    keep("long_path_pax.tar", tar_of(("SKILL.md", SKILL), (long, b"1"), format=tarfile.PAX_FORMAT))
    keep("long_path_gnu.tar", tar_of(("SKILL.md", SKILL), (long, b"1")))
    keep("ustar.tar", tar_of(("sample/" + "x" * 90 + "/SKILL.md", b"1"), ("sample/SKILL.md", SKILL), format=tarfile.USTAR_FORMAT))
    keep("pax_user_and_time.tar", tar_of((info("SKILL.md", uname="jos\u00e9", mtime=1.5), SKILL), format=tarfile.PAX_FORMAT,
                                         pax={"comment": "\u00fc"}))
    keep("data_descriptor.zip", streamed_zip())
    keep("zip64.zip", zip64())
    keep("after_the_end.tar", tar_of(("SKILL.md", SKILL)) + tar_of(("hidden.md", b"1")))
    keep("nul_ends_the_name_pax.tar", pax_with_nul())


def pax_with_nul():
    record = b"path=a.md\0../b\n"
    length = len(record) + 3
    head = info("x", tarfile.XHDTYPE)
    return tar_of((head, b"%d " % length + record), ("placeholder", b"1"), ("SKILL.md", SKILL), format=tarfile.USTAR_FORMAT)


class Stream(io.RawIOBase):
    """What cannot be rewound makes a zip with data descriptors."""

    def __init__(self):
        self.out = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.out.write(data)


def streamed_zip():
    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("SKILL.md", WHEN), SKILL, zipfile.ZIP_DEFLATED)
    return stream.out.getvalue()


def zip64():
    """As a packer writes it that does not know sizes beforehand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        with archive.open(zipfile.ZipInfo("SKILL.md", WHEN), "w", force_zip64=True) as entry:
            entry.write(SKILL)
    data = out.getvalue()
    end = data.rindex(b"PK\5\6")
    size, offset = struct.unpack("<II", data[end + 12:end + 20])
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
    tail = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
    return data[:end] + record + locator + tail


def refused_names():
    names = {
        "absolute": "/etc/passwd", "dot_dot": "a/../../b.md", "dot_dot_alone": "..", "backslash": "a\\b.md",
        "drive_letter": "C:evil.md", "control": "a\x1bb.md", "control_c1": "a\u0085b.md", "dot": "a/./b.md",
        "empty_name": "a//b.md", "too_long": "n" * 256 + "/" + "m" * 256,
    }
    for name, path in names.items():
        keep(f"refused_{name}.tar", tar_of(("SKILL.md", SKILL), (path, b"1")))
        # A zip says it otherwise: its packer would mend some of them.
        stand_in = "#" * len(path.encode())
        data = zip_of(("SKILL.md", SKILL), (stand_in, b"1"))
        keep(f"refused_{name}.zip", data.replace(stand_in.encode(), path.encode()))
    data = zip_of(("SKILL.md", SKILL), ("#" * 6, b"1"))
    keep("refused_nul.zip", data.replace(b"#" * 6, b"a\0b.md"))
    keep("refused_latin1.zip", data.replace(b"#" * 6, b"caf\xe9.m"))
    keep("refused_latin1.tar", tar_of(("SKILL.md", SKILL), ("caf\udce9.md", b"1")))


def refused_pairs():
    pairs = {
        "twice": ("a.md", "a.md"), "case": ("A.md", "a.md"), "case_beyond_ascii": ("\u00c4.md", "\u00e4.md"),
        "normal_form": ("\u00e9.md", "e\u0301.md"), "file_and_folder": ("a", "a/b.md"),
        "folders_in_case": ("Ref/a.md", "ref/b.md"), "skill_md_twice": ("skill.md", "Skill.md"),
    }
    for name, (one, other) in pairs.items():
        entries = [("SKILL.md", SKILL), (one, b"1"), (other, b"2")]
        keep(f"refused_{name}.tar", tar_of(*entries))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keep(f"refused_{name}.zip", zip_of(*entries))


def refused_kinds():
    skill = ("SKILL.md", SKILL)
    keep("refused_symlink.tar", tar_of(skill, info("a.md", tarfile.SYMTYPE, linkname="/etc/passwd")))
    keep("refused_hard_link.tar", tar_of(skill, info("a.md", tarfile.LNKTYPE, linkname="SKILL.md")))
    keep("refused_hard_link_pax.tar", tar_of(skill, info("a.md", tarfile.LNKTYPE, linkname="\u00e9"), format=tarfile.PAX_FORMAT))
    keep("refused_device.tar", tar_of(skill, info("a.md", tarfile.CHRTYPE, devmajor=1, devminor=3)))
    keep("refused_pipe.tar", tar_of(skill, info("a.md", tarfile.FIFOTYPE)))
    keep("refused_sparse.tar", tar_of(skill, (info("x", tarfile.XHDTYPE), pax_records(
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "a.md"), ("GNU.sparse.realsize", "9000000"))),
        ("a.md", b"1\n8999999\n1\n".ljust(512, b"\0") + b"x"), format=tarfile.USTAR_FORMAT))
    keep("refused_symlink.zip", zip_of(skill, ("a.md", b"/etc/passwd", 0o120777)))
    keep("refused_encrypted.zip", encrypted(zip_of(skill, ("a.md", b"12345678901234567890"))))
    keep("refused_bzip2_inside.zip", zip_of(skill, ("a.md", b"1" * 100, 0o100644, zipfile.ZIP_BZIP2)))
    keep("refused_lzma_inside.zip", zip_of(skill, ("a.md", b"1" * 100, 0o100644, zipfile.ZIP_LZMA)))


def pax_records(*records):
    out = b""
    for key, value in records:
        body = f" {key}={value}\n".encode()
        length = len(body) + 1
        while len(str(length)) + len(body) != length:
            length += 1
        out += str(length).encode() + body
    return out


def encrypted(data):
    """The flag of the second entry, at both of its headers."""
    data = bytearray(data)
    local = data.index(b"PK\3\4", 1)
    central = data.rindex(b"PK\1\2")
    data[local + 6] |= 1
    data[central + 8] |= 1
    return bytes(data)


def refused_beside_a_folder():
    """In an archive with a folder around all, but for one name: of a file, of an empty folder."""
    names = {
        "dot_dot": "../evil", "absolute": "/etc/evil", "backslash": "sample\\evil", "drive_letter": "C:/evil", "control": "a\x01/b",
    }
    for name, path in names.items():
        stand_in = ("#" * len(path)).encode()
        for suffix, kind in (("", ""), ("_folder", "/")):
            data = zip_of(("sample/SKILL.md", SKILL), (stand_in.decode() + kind, b"" if kind else b"1", 0o40755 if kind else 0o100644))
            keep(f"refused_beside_{name}{suffix}.zip", data.replace(stand_in, path.encode()))
            keep(f"refused_beside_{name}{suffix}.tar", tar_of(("sample/SKILL.md", SKILL),
                                                              info(path, tarfile.DIRTYPE) if kind else (path, b"1")))
    keep("refused_beside_dot_dot_pax.tar", tar_of(
        ("sample/SKILL.md", SKILL), (info("x", tarfile.XHDTYPE), pax_records(("path", "../x"))), ("sample/x", b"1"),
        format=tarfile.USTAR_FORMAT))
    keep("refused_beside_no_name.zip", raw_zip(("sample/SKILL.md", SKILL, {}), ("", b"1", {})))


def raw_zip(*entries):
    """Each is a name, a content, and what differs from an honest zip."""
    body, directory, count = b"", b"", 0
    for name, content, other in entries:
        name = name.encode()
        extra = other.get("extra", b"")
        numbers = struct.pack("<III", zlib.crc32(content), len(content), len(content))
        offset = len(body) + len(other.get("before", b""))
        body += other.get("before", b"") + b"PK\3\4" + struct.pack("<HHHHH", 20, 0, 0, 0, 33) + \
            other.get("local", numbers) + struct.pack("<HH", len(name), len(extra)) + name + extra + content
        if other.get("hidden"):
            continue
        count += 1
        directory += b"PK\1\2" + struct.pack("<HHHHHH", other.get("made_by", 3 << 8 | 20), 20, 0, 0, 0, 33) + numbers + \
            struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, other.get("attributes", 0o100644 << 16), offset) + name + extra
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)


def refused_raw():
    skill = ("SKILL.md", SKILL, {})
    unix = {"folder": 0o40755, "pipe": 0o10644, "socket": 0o140644, "device": 0o20644, "odd": 0o170644}
    for name, mode in unix.items():
        keep(f"refused_mode_of_{name}.zip", raw_zip(skill, ("a.md", b"hello", {"attributes": mode << 16})))
    keep("refused_mode_of_dos_folder.zip", raw_zip(skill, ("a.md", b"hello", {"attributes": 0x10, "made_by": 20})))
    keep("refused_pipe_made_by_dos.zip", raw_zip(skill, ("a.md", b"hello", {"attributes": 0o10644 << 16, "made_by": 20})))
    keep("refused_name_of_folder.zip", raw_zip(skill, ("a/", b"hello", {})))
    keep("refused_hidden.zip", raw_zip(skill, ("b.md", b"1", {"hidden": True})))
    keep("refused_hidden_first.zip", raw_zip(("SKILL.md", b"1", {"hidden": True}), skill))
    keep("refused_hidden_between.zip", raw_zip(skill, ("b.md", b"1", {"hidden": True}), ("a.md", b"2", {})))
    keep("refused_gap.zip", raw_zip(skill, ("a.md", b"1", {"before": b"bytes"})))
    name = struct.pack("<HHBI", 0x7075, 9, 1, zlib.crc32(b"a.md")) + b"b.md"
    keep("refused_other_name.zip", raw_zip(skill, ("a.md", b"1", {"extra": name})))
    keep("same_name.zip", raw_zip(skill, ("a.md", b"1", {"extra": name.replace(b"b.md", b"a.md")})))
    keep("refused_local_size.zip", raw_zip(skill, ("a.md", b"1", {"local": struct.pack("<III", zlib.crc32(b"1"), 1, 9)})))
    keep("refused_local_checksum.zip", raw_zip(skill, ("a.md", b"1", {"local": struct.pack("<III", 9, 1, 1)})))
    streamed = streamed_zip()
    end = streamed.rindex(b"PK\7\x08")
    keep("refused_descriptor.zip", streamed[:end + 12] + b"\1" + streamed[end + 13:])


def refused_archives():
    tar = tar_of(("SKILL.md", SKILL), ("a.md", b"12345" * 200))
    packed = gzip_of(tar)
    archive = zip_of(("SKILL.md", SKILL), ("a.md", b"12345" * 200), method=zipfile.ZIP_DEFLATED)
    stored = zip_of(("SKILL.md", SKILL), ("a.md", b"12345" * 20))
    keep("refused_empty.bin", b"")
    keep("refused_text.bin", SKILL)
    keep("refused_xz.tar.xz", lzma.compress(tar))
    keep("refused_bzip2.tar.bz2", bz2.compress(tar))
    keep("refused_7z.7z", b"7z\xbc\xaf\x27\x1c" + bytes(26))
    keep("refused_rar.rar", b"Rar!\x1a\x07\x01\x00" + bytes(20))
    keep("refused_gzip_of_text.gz", gzip_of(SKILL))
    keep("refused_gzip_of_zip.gz", gzip_of(archive))
    keep("refused_gzip_twice.tar.gz.gz", gzip_of(packed))
    keep("refused_gzip_in_two.tar.gz", gzip_of(tar[:1024]) + gzip_of(tar[1024:]))
    keep("refused_gzip_and_more.tar.gz", packed + b"more")
    keep("refused_gzip_cut.tar.gz", packed[:-20])
    keep("refused_gzip_checksum.tar.gz", packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:])
    keep("refused_cut.tar", tar[:1700])
    keep("refused_header_checksum.tar", tar[:512 * 2] + b"\1" + tar[512 * 2 + 1:])
    keep("refused_cut.zip", archive[:-30])
    keep("refused_checksum.zip", stored.replace(b"12345" * 20, b"12345" * 19 + b"12346"))
    keep("refused_before.zip", b"#!/bin/sh\n" + archive)
    keep("refused_after.zip", archive + b"more")
    local = archive.index(b"a.md")
    keep("refused_two_names.zip", archive[:local] + b"b.md" + archive[local + 4:])
    end = archive.rindex(b"PK\5\6")
    count = archive[:end + 8] + struct.pack("<HH", 1, 1) + archive[end + 12:]
    keep("refused_count.zip", count)
    central = archive.rindex(b"PK\1\2")
    keep("refused_offset.zip", archive[:central + 42] + struct.pack("<I", 0) + archive[central + 46:])
    keep("refused_size.zip", archive[:central + 24] + struct.pack("<I", 999) + archive[central + 28:])
    keep("refused_no_skill_md.zip", zip_of(("README.md", SKILL)))
    keep("refused_skill_md_too_deep.zip", zip_of(("a/b/SKILL.md", SKILL)))
    keep("refused_nothing.zip", zip_of())
    keep("refused_folders_only.tar", tar_of(info("a/", tarfile.DIRTYPE)))
    keep("refused_bomb.zip", zip_of(("SKILL.md", SKILL), ("ones", b"1" * 2097152), method=zipfile.ZIP_DEFLATED))
    keep("refused_bomb.tar.gz", gzip_of(tar_of(("SKILL.md", SKILL), ("ones", b"1" * 2097152))))
    keep("refused_many_files.tar.gz", gzip_of(tar_of(("SKILL.md", SKILL), *[(f"{i}", b"") for i in range(512)])))
    keep("refused_size_of_a_liar.tar.gz", gzip_of(liar()))
    keep("either_pax_header_of_a_megabyte.tar.gz", gzip_of(tar_of(
        (info("x", tarfile.XHDTYPE), pax_records(("comment", "c" * 1100000))), ("SKILL.md", SKILL), format=tarfile.USTAR_FORMAT)))
    keep("either_thousand_pax_headers.tar.gz", gzip_of(tar_of(
        *[(info("x", tarfile.XHDTYPE), pax_records(("comment", "c"))) for _ in range(1000)], ("SKILL.md", SKILL),
        format=tarfile.USTAR_FORMAT)))


def liar():
    head = info("SKILL.md")
    head.size = 8 * 1024 ** 3
    return head.tobuf(tarfile.GNU_FORMAT) + SKILL.ljust(512, b"\0") + bytes(1024)


for old in HERE.iterdir():
    if old.suffix != ".py":
        old.unlink()
taken()
refused_names()
refused_pairs()
refused_kinds()
refused_beside_a_folder()
refused_raw()
refused_archives()
