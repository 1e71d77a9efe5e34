# SPDX-License-Identifier: Apache-2.0
"""A zone as both servers give it away: every record of the master file, whoever can be asked for it."""
from departs import TRANSFER_ROWS
from messages import lowered, record_text
from zones import transfer


def records_of(port, zone):
    found = transfer(port, zone).records
    return {(owner.lower(), rtype, 1, ttl, lowered(rtype, data)) for (owner, rtype, data), ttl in found.items()}


def transferred(zone, knot, troupe):
    """Knot's records, and what ours differ in, in lines."""
    theirs, ours = records_of(knot, zone), records_of(troupe, zone)
    if theirs and not ours:
        return theirs, ["Troupe sends nothing"]
    wrong = []
    for who, alone in (("Knot", theirs - ours), ("Troupe", ours - theirs)):
        for record in alone:
            row = next((row for row in TRANSFER_ROWS if row.covers(record)), None)
            if row:
                row.used += 1
            else:
                wrong.append(f"{who} alone: {record_text(record)}")
    return theirs, sorted(wrong)
