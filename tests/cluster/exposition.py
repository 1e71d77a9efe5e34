# SPDX-License-Identifier: Apache-2.0
"""Prometheus's text format as values that can be compared, and the rows of DEPARTURES.md that are about metrics.

Such a row begins with `metrics:`. Its last column has `series=` (patterns of names), `differs=` (words of `differences` and
`family_differences`), and may have `label=NAME:VALUE` (patterns) and `after=cluster` (once cluster names were asked for), which all must hold."""
import fnmatch
import re
from collections import Counter, namedtuple

from departures import rows
from processes import Failed

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

# What stands in the place of a plugin's name in those of its families.
NO_PLUGINS, OWNERS = {"build", "dns", "panics", "plugin"}, {"proxy": "forward"}

# One series. `value` is a number; for a histogram (count, sum, {upper bound: count}).
Series = namedtuple("Series", "name labels")


def parse(text):
    """({family: type}, {Series: value})"""
    types, series = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split()
            types[family] = kind
        elif line and not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            add(series, types, name, dict(LABEL.findall(labels or "")), float(value))
    return types, series


def add(series, types, name, labels, value):
    family = next((name.removesuffix(end) for end in ("_bucket", "_count", "_sum")
                   if name.endswith(end) and types.get(name.removesuffix(end)) == "histogram"), None)
    bound = labels.pop("le", None) if family else None
    key = Series(family or name, tuple(sorted(labels.items())))
    if not family:
        series[key] = value
        return
    count, total, buckets = series.setdefault(key, (0, 0.0, {}))
    if bound is not None:
        buckets[float(bound)] = value
    series[key] = (value if name.endswith("_count") else count, value if name.endswith("_sum") else total, buckets)


def since(before, after):
    """What was counted between two parsed texts of one server. Series of information (1 by definition) stay as they are; those
    with labels that had counted something and then no more are left out."""
    return after[0], {key: value if is_information(key.name) else less(value, before[1].get(key)) for key, value in after[1].items()
                      if is_information(key.name) or not key.labels or value != before[1].get(key) or not size_of(value)}


def size_of(value):
    return value[0] if isinstance(value, tuple) else value


def is_information(name):
    return name.endswith(("_info", "_enabled"))


def less(value, before):
    if before is None:
        return value
    if not isinstance(value, tuple):
        return value - before
    return value[0] - before[0], value[1] - before[1], {bound: count - before[2][bound] for bound, count in value[2].items()}


def differences(theirs, ours):
    """[(Series, word, text)] of two parsed texts. Words: `missing` (here) and `extra` series, `type` of a family, `value`,
    `bounds` and `count` of a histogram, `content`: how its count spreads over its buckets, and its sum."""
    found = [(Series(family, ()), "type", f"{kind} there, {ours[0][family]} here")
             for family, kind in theirs[0].items() if ours[0].get(family, kind) != kind]
    for key in sorted(theirs[1].keys() | ours[1].keys()):
        one, other = theirs[1].get(key), ours[1].get(key)
        if one is None or other is None:
            found.append((key, "missing" if other is None else "extra", str(one if other is None else other)))
        elif isinstance(one, tuple) and isinstance(other, tuple):
            found += [(key, word, f"{a} there, {b} here") for word, a, b in (
                ("bounds", sorted(one[2]), sorted(other[2])), ("count", one[0], other[0]), ("content", one[1:], other[1:])) if a != b]
        elif one != other:
            found.append((key, "value", f"{one} there, {other} here"))
    return found


def families(types, series):
    """{family: (type, [Series])}"""
    return {family: (kind, [key for key in series if key.name == family]) for family, kind in types.items()}


def family_differences(theirs, ours, features):
    """[(Series, word, text)] of two answers of `families`: what is there and not here. Words: `family` for each series of one that
    is not here at all, `unused` if besides none of the `features` of the Corefile counts in it, `type`, `labels` if some series
    there have labels that none has here."""
    found = []
    for family, (kind, series) in sorted(theirs.items()):
        our_kind, our_series = ours.get(family, (None, []))
        labels, our_labels = ({tuple(name for name, _ in key.labels) for key in keys} for keys in (series, our_series))
        if our_kind is None:
            word = "family" if is_used(family, features) else "unused"
            found += [(key, word, f"{kind} there, none here") for key in series or [Series(family, ())]]
        elif our_kind != kind:
            found.append((Series(family, ()), "type", f"{kind} there, {our_kind} here"))
        elif labels - our_labels:
            found.append((Series(family, ()), "labels", f"{sorted(labels)} there, {sorted(our_labels)} here"))
    return found


def is_used(family, features):
    """A directive of the Corefile counts in it, or no directive ever does."""
    prefix, _, rest = family.partition("_")
    plugin = rest.split("_")[0]
    return prefix != "coredns" or plugin in NO_PLUGINS or OWNERS.get(plugin, plugin) in features


class MetricDepartures:
    def __init__(self):
        self.rows, self.used = [], Counter()
        for name, words, line in rows():
            if name.startswith("metrics:"):
                match = dict(word.split("=", 1) for word in words.split())
                if match.keys() - {"series", "differs", "label", "after"} or not {"series", "differs"} <= match.keys():
                    raise Failed(f"DEPARTURES.md:{line} - bad match `{words}`")
                self.rows.append((name, match))

    def covers(self, series, word, after=""):
        for name, match in self.rows:
            if match.get("after", after) != after:
                continue
            label, _, pattern = match.get("label", "").partition(":")
            if (word in match["differs"].split(",") and any(fnmatch.fnmatchcase(series.name, p) for p in match["series"].split(","))
                    and (not label or fnmatch.fnmatchcase(dict(series.labels).get(label, ""), pattern))):
                self.used[name] += 1
                return True
        return False

    def print(self):
        for name, _ in self.rows:
            print(f"  {self.used[name]:7d}  {name}")
