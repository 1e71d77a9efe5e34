# SPDX-License-Identifier: Apache-2.0
"""What a server shows beside its answers: pages, and lines that it writes. As values that can be compared."""
import re
import time
import urllib.error
import urllib.request

SECONDS = 2  # for lines to be written
TIMED = re.compile(r"\b\d+\.\d+(e-\d+)?(s|ms|µs)\b")
PORT_OR_ID = re.compile(r"(?<=:)\d{4,5}\b|(?<= - )\d+(?= \")")
ESCAPING = "; escaping=underscores"  # how Prometheus 3 is told that names are what they are
METRIC_VALUE = re.compile(r" [-+.e\d]+$")


def page_of(address, path):
    """Status, content type and text; asked again for a while if nobody is there yet."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                return answer.status, answer.headers.get("Content-Type"), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type"), error.read().decode()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > end:
                raise
            time.sleep(0.05)


def page_facts(server, page):
    """The status, the kind and the lines of a page, or why there is none. Where there is a pattern, metrics are without values, in
    any order."""
    try:
        status, kind, text = page_of(server.pages[page.address.strip("{$}")], page.path)
    except OSError as error:
        return {"broken": type(getattr(error, "reason", error)).__name__}
    lines = [line.replace(f":{server.port}", ":PORT") for line in text.splitlines() if re.search(page.pattern, line)]
    if page.pattern:
        lines = sorted(METRIC_VALUE.sub("", line) for line in lines)
    return {"status": status, "kind": (kind or "").replace(ESCAPING, ""), "lines": lines}


def written(server, pattern):
    """Lines without what no two runs have in common: times, ports, IDs."""
    lines = [line for line in server.text().splitlines() if re.search(pattern, line)]
    return sorted(PORT_OR_ID.sub("N", TIMED.sub("T", line)) for line in lines)


def logged_facts(one, other, pattern):
    """The lines of both, once they are the same or have had time to be."""
    end = time.monotonic() + SECONDS
    while True:
        found = [{"lines": written(server, pattern)} for server in (one, other)]
        if found[0] == found[1] and found[0]["lines"] or time.monotonic() > end:
            return found
        time.sleep(0.05)
