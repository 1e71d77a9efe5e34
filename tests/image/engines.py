# SPDX-License-Identifier: Apache-2.0
"""Programs that others load images with read the archive, and one runs it."""
import json
import pathlib
import re
import signal
import subprocess
import time

import serving

CONTAINERD = """version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/containerd.sock.ttrpc"
"""
PATIENCE = 30.0  # seconds until a daemon or a container has done what is waited for


def called(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **more)


def skopeo(report, file, image, folder):
    shown = called("skopeo", "inspect", f"oci-archive:{file}")
    right = shown.returncode == 0 and json.loads(shown.stdout)
    report("skopeo inspect", right and right["Digest"] == image.digest and right["Architecture"] == image.settings["architecture"],
           image.digest if right else shown.stdout)
    shown = called("skopeo", "inspect", "--config", f"docker-archive:{file}")
    report("skopeo reads it as `docker load` does, too", shown.returncode == 0 and json.loads(shown.stdout)["config"]["User"] == "65532:65532", shown.stdout[:80])
    copied = called("skopeo", "--insecure-policy", "copy", f"oci-archive:{file}", f"dir:{folder}/copied")
    manifest = folder / "copied/manifest.json"
    same = manifest.is_file() and json.loads(manifest.read_text(encoding="utf-8")) == image.manifest
    report("skopeo copy keeps the manifest", copied.returncode == 0 and same, copied.stdout.splitlines()[-1:])


def umoci(report, file, folder, tag):
    """Unpacks with umoci; returns the root, whose attributes getcap reads."""
    layout = folder / "layout"
    layout.mkdir()
    called("tar", "-C", layout, "-xf", file)
    done = called("umoci", "unpack", "--image", f"{layout}:{tag}", folder / "bundle")
    root = folder / "bundle/rootfs"
    caps = called("getcap", root / "usr/bin/troupe").stdout
    report("umoci unpack keeps the file capability", done.returncode == 0 and caps.strip().endswith("cap_net_bind_service=ep"), caps.strip() or done.stdout)
    process = json.loads((folder / "bundle/config.json").read_text(encoding="utf-8"))["process"]
    report("umoci: the runtime's configuration", (process["user"]["uid"], process["user"]["gid"], process["args"]) == (65532, 65532, ["/coredns"]),
           process["args"])
    return root


def buildah(report, file, folder):
    """In a store of its own."""
    tool = ["buildah", "--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    name = called(*tool, "from", "--pull-never", "--signature-policy", policy(folder), f"oci-archive:{file}")
    container = name.stdout.strip().splitlines()[-1] if name.returncode == 0 else ""
    shown = called(*tool, "inspect", "--format", "{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}", container) if container else name
    mounted = called(*tool, "mount", container) if container else name
    caps = called("getcap", mounted.stdout.strip() + "/usr/bin/troupe").stdout if container else ""
    report("buildah from keeps configuration and capability", "65532:65532 [/coredns]" in shown.stdout and "cap_net_bind_service=ep" in caps,
           caps.strip().rsplit("/", 1)[-1] or shown.stdout)
    called(*tool, "umount", container)
    called(*tool, "rm", container)


def policy(folder):
    path = folder / "policy.json"
    path.write_text('{"default": [{"type": "insecureAcceptAnything"}]}', encoding="utf-8")
    return path


def waited(condition):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Containerd:
    """A daemon with all its state in `folder`, ended with the block."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "config.toml").write_text(CONTAINERD.format(folder=folder), encoding="utf-8")

    def __enter__(self):
        log = open(self.folder / "log", "w", encoding="utf-8")
        self.daemon = subprocess.Popen(["containerd", "--config", self.folder / "config.toml"], stdout=log, stderr=log)
        waited(lambda: self.ctr("version").returncode == 0)
        return self

    def __exit__(self, *_):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(timeout=PATIENCE)

    def ctr(self, *arguments):
        return called("ctr", "--address", self.folder / "containerd.sock", "-n", "k8s.io", *arguments)


def containerd(report, file, folder, name):
    """Imports and runs it with what kubeadm's manifest allows: no new privileges, all capabilities but one dropped, a root
    that cannot be written to; network and processes are those of the namespaces that this test is in."""
    configuration = folder / "configuration"
    configuration.mkdir()
    (configuration / "Corefile").write_text(serving.COREFILE, encoding="utf-8")
    with Containerd(folder / "containerd") as it:
        imported = it.ctr("images", "import", file)
        report("containerd: ctr -n k8s.io images import", imported.returncode == 0 and name in it.ctr("images", "list", "-q").stdout, imported.stdout.strip()[-200:])
        drops = [word for cap in others() for word in ("--cap-drop", cap)]
        ran = it.ctr("run", "--detach", "--net-host", "--read-only", "--cgroup", "", *drops, "--mount",
                     f"type=bind,src={configuration},dst=/etc/coredns,options=rbind:ro", name, "dns", "/coredns", "-conf", "/etc/coredns/Corefile")
        answered = ran.returncode == 0 and waited(lambda: serving.answer() == "192.0.2.53")
        seen = inside(it)
        report("containerd: runs as in kubeadm's pod and answers on port 53", answered and seen == ("65532", "0000000000000400", "1"),
               seen if answered else ran.stdout + (folder / "containerd/log").read_text(encoding="utf-8")[-1500:])
        it.ctr("tasks", "kill", "-s", "SIGTERM", "dns")
        gone = waited(lambda: "STOPPED" in it.ctr("tasks", "list").stdout)
        ended = it.ctr("tasks", "delete", "dns")
        report("containerd: SIGTERM ends it with status 0", gone and ended.returncode == 0, ended.stdout.strip())
        it.ctr("containers", "delete", "dns")


def others():
    """The capabilities that ctr gives a container, without NET_BIND_SERVICE."""
    return ["CAP_" + c for c in ("CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP SYS_CHROOT KILL "
                                 "AUDIT_WRITE").split()]


def inside(it):
    """(user, effective capabilities, no new privileges) of the container's process."""
    row = re.search(r"^dns\s+(\d+)", it.ctr("tasks", "list").stdout, re.MULTILINE)
    if not row:
        return None
    status = pathlib.Path(f"/proc/{row[1]}/status").read_text(encoding="ascii")
    return tuple(re.search(rf"^{key}:\s+(\S+)", status, re.MULTILINE)[1] for key in ("Uid", "CapEff", "NoNewPrivs"))
