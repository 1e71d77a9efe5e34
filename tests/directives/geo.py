# SPDX-License-Identifier: Apache-2.0
"""The databases that cases of `geoip` name, in the folder {$GEO}."""
import os
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from mmdb import MARKER, Raw, database, encoded, metadata_of, pointer  # noqa: E402

FULL = {
    "city": {"geoname_id": 2653941, "names": {"de": "Cambridge (de)", "en": "Cambridge"}},
    "continent": {"code": "EU", "names": {"en": "Europe"}},
    "country": {"iso_code": "GB", "names": {"en": "United Kingdom"}, "is_in_european_union": False},
    "location": {"accuracy_radius": 100, "latitude": 52.2242, "longitude": 0.1315, "time_zone": "Europe/London"},
    "postal": {"code": "CB4"},
    "registered_country": {"iso_code": "GB"},
    "subdivisions": [{"iso_code": "ENG", "names": {"en": "England"}}, {"iso_code": "CAM"}],
}
SPARSE = {
    "country": {"iso_code": "DE", "is_in_european_union": True},
    "location": {"latitude": -0.0, "longitude": 1e-7},
    "subdivisions": [{}, {"iso_code": "BY"}],
    "traits": {"is_anycast": True, "of": ["no", {"use": 1}]},
}
BROKEN = {"city": {"names": {"en": 5}}, "country": {"iso_code": "FR"}}
FAR = {"city": {"names": {"en": "Sydney \u00e9 \"x\""}}, "location": {"latitude": -33.8591, "longitude": 151.2002}}


def cities(**options):
    return database({"127.0.0.0/30": FULL, "127.0.0.4/30": SPARSE, "127.0.0.8/32": BROKEN, "127.0.0.9/32": {},
                     "192.0.2.0/24": FAR, **({"2001:db8::/32": FAR} if options.get("version", 6) == 6 else {})}, **options)


def networks(kind):
    return database({"127.0.0.0/30": {"autonomous_system_number": 396982, "autonomous_system_organization": "EXAMPLE-NET"},
                     "127.0.0.4/30": {"autonomous_system_number": 64500, "isp": "somebody"},
                     "127.0.0.8/32": {"autonomous_system_number": "one", "autonomous_system_organization": "X"}}, kind, bits=28)


def pointing():
    """Names are written once and pointed to, as real databases do; one pointer leads to itself."""
    shared = {"names": {"en": "Shared"}, "iso_code": "SH"}
    start = len(encoded(shared))
    circle = pointer(start + 1 + len(encoded("city")))
    return database({"10.0.0.0/8": shared, "127.0.0.8/32": {"city": circle}, "127.0.0.0/30": {"city": pointer(0), "country": pointer(0)}},
                    "GeoLite2-City", bits=32)


def write_all():
    """The folder, which stays as long as the value does, and its path."""
    folder = tempfile.TemporaryDirectory(prefix="geo-")
    whole = cities(kind="GeoLite2-City")
    files = {
        "city": whole,
        "mapped": cities(kind="GeoIP2-City", mapped=True, bits=28),
        "v4": cities(kind="DBIP-City-Lite", version=4, bits=32),
        "country": database({"127.0.0.0/8": FULL}, "GeoLite2-Country"),
        "enterprise": database({"127.0.0.0/8": FULL}, "GeoIP2-Enterprise"),
        "pointing": pointing(),
        "asn": networks("GeoLite2-ASN"),
        "isp": networks("GeoIP2-ISP"),
        "domain": database({"127.0.0.0/8": {"domain": "example.org"}}, "GeoIP2-Domain"),
        "unknown": database({"127.0.0.0/8": {}}, "My-Own-Type"),
        "odd": database({"127.0.0.0/8": BROKEN}, "GeoLite2-City"),
        "oddasn": database({"127.0.0.0/8": {"autonomous_system_number": "one"}}, "GeoLite2-ASN"),
        "empty": b"",
        "text": b"this is no database\n" * 100,
        "cut": whole[:len(whole) // 2],
        "tail": metadata_of("GeoLite2-City", 1 << 20),
        "nometa": whole[:whole.rindex(MARKER)] + MARKER + Raw(b"\xff"),
    }
    for name, octets in files.items():
        with open(os.path.join(folder.name, name + ".mmdb"), "wb") as out:
            out.write(octets)
    return folder, folder.name
