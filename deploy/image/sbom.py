# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of an image: SPDX 2.3 as JSON. What it names are the project, Debian's packages whose files are in the
image, and those whose headers are compiled into the server."""
import hashlib
import json
import re
import urllib.parse

import licences

NOTHING = "NOASSERTION"


def _identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def _entry(package, files, compiled_in):
    expression, comment = licences.declared(package)
    versions = {"arch": package.architecture, "distro": "debian-12"}
    url = f"pkg:deb/debian/{package.name}@{urllib.parse.quote(package.version)}?{urllib.parse.urlencode(versions)}"
    entry = {"name": package.name, "SPDXID": _identifier(f"Package-{package.name}"), "versionInfo": package.version,
             "supplier": "Organization: Debian", "downloadLocation": NOTHING, "filesAnalyzed": False,
             "licenseConcluded": NOTHING, "licenseDeclared": expression, "copyrightText": NOTHING,
             "sourceInfo": f"Built from Debian's source package {package.source}. The whole text of its licences and copyrights "
                           f"is /usr/share/doc/{package.name}/copyright in the image.",
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}]}
    if comment:
        entry["licenseComments"] = comment
    if files:
        entry["comment"] = "In the image: " + ", ".join(f"{name} (SHA256 {hashlib.sha256(octets).hexdigest()})"
                                                        for name, octets in sorted(files.items()))
    elif compiled_in:
        entry["comment"] = "Headers of it are compiled into the server."
    return entry


def _foreign(packages):
    """What SPDX has no identifier for, with the words that it stands for."""
    names = sorted({n for p in packages for n in re.findall(r"LicenseRef-[A-Za-z0-9-]+", p["licenseDeclared"] + " " + p.get("licenseComments", ""))})
    return [{"licenseId": n, "name": n.removeprefix("LicenseRef-Debian-"),
             "extractedText": "Its text is in the copyright file, in the image, of the packages that name it."} for n in names]


def bill(version, created, architecture, server, shipped, headers):
    """JSON text. `server`: octets of the program; `shipped`: {Package: {file name: octets}}; `headers`: Packages compiled in;
    `created`: RFC 3339."""
    checksum = hashlib.sha256(server).hexdigest()
    troupe = {"name": "troupe", "SPDXID": "SPDXRef-Package-troupe", "versionInfo": version, "supplier": NOTHING,
              "downloadLocation": NOTHING, "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
              "copyrightText": NOTHING, "primaryPackagePurpose": "APPLICATION", "checksums": [{"algorithm": "SHA256", "checksumValue": checksum}],
              "comment": "In the image: /usr/bin/troupe, to which the checksum belongs."}
    image = {**{k: v for k, v in troupe.items() if k != "checksums"}, "name": f"troupe image {architecture}", "SPDXID": "SPDXRef-Image",
             "licenseConcluded": NOTHING, "licenseDeclared": NOTHING, "primaryPackagePurpose": "CONTAINER", "comment": "All that is below."}
    debian = [_entry(p, shipped.get(p, {}), p in headers) for p in sorted({*shipped, *headers})]

    def relation(one, kind, other):
        return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}

    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", image["SPDXID"]), relation(image["SPDXID"], "CONTAINS", troupe["SPDXID"])]
    for p in sorted(shipped):
        relations.append(relation(image["SPDXID"], "CONTAINS", _identifier(f"Package-{p.name}")))
        if any(".so" in name for name in shipped[p]):
            relations.append(relation(troupe["SPDXID"], "DYNAMIC_LINK", _identifier(f"Package-{p.name}")))
    relations += [relation(troupe["SPDXID"], "STATIC_LINK", _identifier(f"Package-{p.name}")) for p in sorted(headers)]
    return json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"troupe-{version}-{architecture}",
        "documentNamespace": f"https://spdx.org/spdxdocs/troupe-{version}-{architecture}-{checksum}",
        "creationInfo": {"created": created, "creators": [f"Tool: troupe-image-{version}"]},
        "packages": [image, troupe, *debian], "relationships": relations, "hasExtractedLicensingInfos": _foreign(debian)},
        indent=1) + "\n"
