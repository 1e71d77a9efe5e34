# SPDX-License-Identifier: Apache-2.0
"""A real control plane on loopback: etcd, kube-apiserver with RBAC, on demand kube-controller-manager."""
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading

from api import Api
from certs import make_all
from processes import Failed, Process, free_port, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE_RANGES = "10.96.0.0/16,fd00:10:96::/112"
# nobody has no rights; `fleet` has those of `dns` and CLUSTER_ROLE_OF_FLEETS.
TOKENS = {"admin": "admin-token", "dns": "dns-token", "fleet": "fleet-token", "nobody": "nobody-token"}

# What kubeadm gives to CoreDNS, word for word; the server under test must not need more.
CLUSTER_ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:coredns"},
    "rules": [
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ],
}
# What CoreDNS's Helm chart adds with `multiclusterEnable`.
CLUSTER_ROLE_OF_FLEETS = {
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:coredns-fleet"},
    "rules": [{"apiGroups": ["multicluster.x-k8s.io"], "resources": ["serviceexports", "serviceimports"], "verbs": ["list", "watch"]}],
}


def cluster_role_binding(user, role):
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"{role}-{user}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }


def programs():
    """The folder with the built programs; builds them if they are not in the cache."""
    done = subprocess.run([os.path.join(HERE, "build")], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failed("tests/cluster/build failed; its messages are above")
    return done.stdout.strip()


class Cluster:
    """Use as a context manager. Everything lives in `folder`, which is kept when the test fails."""

    def __init__(self, controllers=False):
        self.controllers = controllers
        self.bin = programs()
        self.folder = tempfile.mkdtemp(prefix="troupe-cluster-")
        self.ports = {name: free_port() for name in ("etcd", "peer", "api", "controllers")}
        self.processes = []
        self.of_thread = threading.local()

    def path(self, name):
        return os.path.join(self.folder, name)

    def __enter__(self):
        try:
            make_all(self.folder)
            with open(self.path("tokens.csv"), "w") as out:
                out.write(f"{TOKENS['admin']},admin,admin,system:masters\n"
                          + "".join(f"{TOKENS[user]},{user},{user},\n" for user in TOKENS if user != "admin"))
            self.start_etcd()
            self.start_api_server()
            self.api.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", CLUSTER_ROLE)
            self.bind("dns")
            if self.controllers:
                self.start_controllers()
            return self
        except BaseException:
            self.stop(keep=True)
            raise

    def __exit__(self, kind, value, trace):
        self.stop(keep=kind is not None and kind is not KeyboardInterrupt)

    def stop(self, keep):
        for process in reversed(self.processes):
            process.stop()
        if keep:
            print(f"logs are kept in {self.folder}", flush=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, args, env=None):
        process = Process(name, self.folder, args, env).start()
        self.processes.append(process)
        return process

    def start_etcd(self):
        client, peer = (f"http://127.0.0.1:{self.ports[p]}" for p in ("etcd", "peer"))
        self.etcd = self.run("etcd", [
            f"{self.bin}/etcd", "--name=test", "--data-dir", self.path("etcd"), "--log-level=warn", "--unsafe-no-fsync",
            "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", f"test={peer}"])

    def start_api_server(self):
        at = self.path
        self.apiserver = self.run("kube-apiserver", [
            f"{self.bin}/kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.ports['etcd']}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self.ports['api']}",
            "--authorization-mode=RBAC", f"--token-auth-file={at('tokens.csv')}", f"--client-ca-file={at('ca.crt')}",
            f"--tls-cert-file={at('apiserver.crt')}", f"--tls-private-key-file={at('apiserver.key')}",
            f"--service-cluster-ip-range={SERVICE_RANGES}", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={at('sa.pub')}", f"--service-account-signing-key-file={at('sa.key')}",
            # The endpoints of `default/kubernetes` may not be loopback addresses; nobody needs them here.
            "--endpoint-reconciler-type=none",
            # Pods are written without a service account controller.
            "--disable-admission-plugins=ServiceAccount", "--allow-privileged=true", "--v=1"])
        self.api = Api(self.ports["api"], at("ca.crt"), TOKENS["admin"])
        self.wait_for_api_server()

    def api_of_thread(self):
        """A connection of its own for each thread that writes."""
        if not hasattr(self.of_thread, "api"):
            self.of_thread.api = Api(self.ports["api"], self.path("ca.crt"), TOKENS["admin"])
        return self.of_thread.api

    def wait_for_api_server(self):
        wait_until("kube-apiserver ready", lambda: self.apiserver.must_live() and self.api.ready(), 90)

    def kill_api_server(self):
        self.apiserver.kill()
        self.api.close()

    def restart_api_server(self):
        """Starts a killed API server again on its old port and waits until it is ready."""
        self.apiserver.start()
        self.wait_for_api_server()

    def copy_etcd(self):
        """The path of a copy of etcd's data as it is now, taken while it stands still."""
        copy = self.path("etcd-copy")
        self.etcd.signal(signal.SIGSTOP)
        try:
            shutil.copytree(self.path("etcd"), copy)
        finally:
            self.etcd.signal(signal.SIGCONT)
        return copy

    def restore_etcd(self, copy):
        """Ends API server and etcd at once, puts the data back as they were copied, and starts both: what was written since
        never happened, and versions count from there again."""
        self.kill_api_server()
        self.etcd.kill()
        shutil.rmtree(self.path("etcd"))
        shutil.copytree(copy, self.path("etcd"))
        self.etcd.start()
        self.restart_api_server()

    def freeze_api_server(self):
        self.apiserver.signal(signal.SIGSTOP)

    def thaw_api_server(self):
        self.apiserver.signal(signal.SIGCONT)

    def bind(self, user, role=CLUSTER_ROLE):
        """Gives `user` the rights of `role`."""
        self.api.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", cluster_role_binding(user, role["metadata"]["name"]))

    def bind_fleet(self):
        self.api.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", CLUSTER_ROLE_OF_FLEETS)
        for role in (CLUSTER_ROLE, CLUSTER_ROLE_OF_FLEETS):
            self.bind("fleet", role)

    def start_controllers(self):
        self.run("kube-controller-manager", [
            f"{self.bin}/kube-controller-manager", "--kubeconfig", self.kubeconfig("admin"), "--leader-elect=false",
            "--bind-address=127.0.0.1", f"--secure-port={self.ports['controllers']}",
            f"--tls-cert-file={self.path('apiserver.crt')}", f"--tls-private-key-file={self.path('apiserver.key')}",
            "--controllers=endpointslice-controller,namespace-controller", "--v=1"])

    def kubeconfig(self, user, certificate=False, server=None):
        """The path of a kubeconfig for `user` with a token or, for `dns` only, a client certificate. `server`: as it is called
        where the file is read, default the address here."""
        path = self.path(f"{user}{'-cert' if certificate else ''}{'-room' if server else ''}.kubeconfig")
        identity = {"token": TOKENS[user]}
        if certificate:
            identity = {"client-certificate": self.path(user + ".crt"), "client-key": self.path(user + ".key")}
        with open(self.path("ca.crt"), "rb") as ca, open(path, "w") as out:
            json.dump({  # flow style is YAML too
                "apiVersion": "v1", "kind": "Config", "current-context": "test",
                "clusters": [{"name": "test", "cluster": {
                    "server": server or f"https://127.0.0.1:{self.ports['api']}",
                    "certificate-authority-data": base64.b64encode(ca.read()).decode()}}],
                "users": [{"name": user, "user": identity}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}]}, out, indent=2)
        return path

    def service_account(self, user, folder):
        """Fills `folder` with what a pod finds of its service account."""
        os.makedirs(folder, exist_ok=True)
        shutil.copy(self.path("ca.crt"), os.path.join(folder, "ca.crt"))
        for name, text in (("token", TOKENS[user]), ("namespace", "kube-system")):
            with open(os.path.join(folder, name), "w") as out:
                out.write(text)
