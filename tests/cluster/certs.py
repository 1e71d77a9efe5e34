# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates for one test cluster, made with openssl. EC keys: made in milliseconds."""
import os
import subprocess


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_key(folder, name):
    openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")


def make_ca(folder):
    make_key(folder, "ca")
    openssl(folder, "req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=test-ca", "-days", "30", "-out", "ca.crt")


def make_cert(folder, name, subject, extensions):
    """`<name>.key` and `<name>.crt`, signed by ca. `extensions` are openssl's words, one a line."""
    make_key(folder, name)
    with open(os.path.join(folder, name + ".ext"), "w") as out:
        out.write(extensions)
    openssl(folder, "req", "-new", "-key", name + ".key", "-subj", subject, "-out", name + ".csr")
    openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "30", "-extfile", name + ".ext", "-out", name + ".crt")


def make_all(folder):
    """The CA, the API server's certificate, a client certificate for user `dns`, the service account key pair."""
    make_ca(folder)
    make_cert(folder, "apiserver", "/CN=kube-apiserver",
              "subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n")
    make_cert(folder, "dns", "/CN=dns", "extendedKeyUsage=clientAuth\n")
    make_key(folder, "sa")
    openssl(folder, "ec", "-in", "sa.key", "-pubout", "-out", "sa.pub")
