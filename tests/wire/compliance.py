# SPDX-License-Identifier: Apache-2.0
"""ISC's genreport: each EDNS and plain test and the answer it wants (RFC 8906 section 8 is the same set)."""
from cases import Case
from expect import cookie_rule, reply
from packets import (AA, AD, BADCOOKIE, BADVERS, CD, DNSKEY, NOERROR, NOTAUTH, NOTIMP, RA, RD, SOA, TC, TSIG, Z, header, name,
                     opt, option, question, record)

COOKIE = bytes.fromhex("0102030405060708")
NSID, SUBNET, EXPIRE = option(3), option(8, bytes.fromhex("00010000")), option(9)
ORDINARY = reply(NOERROR, soa=True)

# The types of genreport's TYPE group.
TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33, 35,
         36, 37, 38, 39, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 59, 60, 61, 62, 99, 104, 105, 106, 107, 108, 109,
         256, 257, 258, 259, 666, 1000, 32769]


def plain(test, flags, expected=ORDINARY):
    return Case(test, header(flags) + question(), expected)


def edns(test, expected=ORDINARY, flags=0, qtype=SOA, opt_flags=0, size=4096, options=b"", version=0):
    return Case(test, header(flags, ar=1) + question(qtype=qtype) + opt(options, size, version, opt_flags), expected)


def version1(test, **of_opt):
    return edns(test, reply(BADVERS, soa=False), version=1, **of_opt)


def copied(flag):
    def check(case, m):
        return "" if m.flags & flag else "flag not copied"

    return reply(NOERROR, soa=True, also=check)


def without_rd(case, m):
    return "RD set" if m.flags & RD else ""


def cases():
    with_cookie = reply(NOERROR, BADCOOKIE, also=cookie_rule(COOKIE))
    not_implemented = reply(NOTIMP, header_only=True, aa=False)
    yield plain("dns", 0)
    yield plain("aa", AA)
    yield plain("ad", AD)
    yield plain("cd", CD)
    yield plain("ra", RA)
    yield plain("rd", RD, copied(RD))
    yield plain("tc", TC)
    yield plain("zflag", Z)
    yield plain("all flags at once", AA | AD | CD | RA | TC | Z, reply(NOERROR, soa=True, also=without_rd))
    yield Case("opcode", header(15 << 11, qd=0), not_implemented)
    yield Case("opcodeflg", header(15 << 11 | TC | RD | RA | CD | AD | AA | Z, qd=0), not_implemented)
    yield Case("type666", header() + question(qtype=666), reply(NOERROR, soa=False))
    yield Case("TYPE1000", header() + question(qtype=1000), reply(NOERROR, soa=False))
    yield edns("edns")
    yield edns("ednsopt", options=option(100))
    yield edns("ednsflags", opt_flags=0x0080)
    yield edns("do", opt_flags=0x8000)
    yield edns("docd", copied(CD), CD, opt_flags=0x8000)
    yield version1("edns1")
    yield version1("edns1opt", options=option(100))
    yield version1("edns1do", opt_flags=0x8000)
    yield version1("edns1nsid", options=NSID)
    yield version1("edns1cookie", options=option(10, COOKIE))
    yield version1("edns1expire", options=EXPIRE)
    yield version1("edns1subnet", options=SUBNET)
    yield edns("edns@512", reply(NOERROR, tc=True, at_most=512), qtype=DNSKEY, opt_flags=0x8000, size=512)
    yield edns("optlist", with_cookie, options=NSID + SUBNET + EXPIRE + option(10, COOKIE))
    yield edns("ednsnsid", options=NSID)
    yield edns("ednscookie", with_cookie, options=option(10, COOKIE))
    yield edns("ednsexpire", options=EXPIRE)
    yield edns("ednssubnet", options=SUBNET)
    yield edns("bind11", with_cookie, opt_flags=0x8000, options=option(10, COOKIE))
    yield edns("dig11", with_cookie, RD | AD, options=option(10, COOKIE))
    key = name("hmac-sha256") + bytes(4) + b"\x65\0\x01\x2c" + b"\0\x20" + bytes(32) + b"\x41\x42" + bytes(4)
    # No key can be known here: RFC 8945 section 5.2.1 instead of the signed answer that a DNSSEC server would give.
    yield Case("dnswkk", header(ar=1) + question() + record(b"\0", TSIG, key, 255), reply(NOTAUTH, aa=False))
    for qtype in TYPES:
        yield Case(f"TYPE group, {qtype}", header() + question(qtype=qtype), reply(NOERROR))
