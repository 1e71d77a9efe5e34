# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for servers that tests start."""
import os
import subprocess


class Authority:
    """`key`, `certificate`: paths of its own, in `folder`."""

    def __init__(self, folder, name):
        self.folder, self.name, self.serial = folder, name, 1
        self.key, self.certificate = (os.path.join(folder, f"{name}.{end}") for end in ("key", "pem"))
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                     "-out", self.certificate, "-subj", f"/CN={name}", "-days", "3")

    @staticmethod
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def issue(self, name, alternatives, days=2):
        """Paths of a certificate and its key. Negative days: it has ended so long ago."""
        key, request, certificate, extensions = (os.path.join(self.folder, f"{name}.{end}") for end in ("key", "csr", "pem", "ext"))
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                     "-subj", f"/CN={name}")
        with open(extensions, "w", encoding="utf-8") as out:
            out.write(f"subjectAltName={alternatives}\n")
        self.serial += 1
        self.openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-set_serial", str(self.serial),
                     "-out", certificate, "-days", str(days), "-extfile", extensions)
        return certificate, key
