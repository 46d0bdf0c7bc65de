"""The Debian part of the image, made by mmdebstrap and kept: a second build of the same recipe takes it as it is."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.image import recipe
from everprint.cluster.image.running import need, run


@dataclass(frozen=True)
class BaseTree:
    """A root file system; `packages` are its lines "name version"."""

    path: Path
    packages: tuple[str, ...]


def make_base_tree(cache: Path, sources: Sequence[str], *, fresh: bool, say: Callable[[str], None]) -> BaseTree:
    """The tree of the recipe from those sources: the one in the cache, or a new one if there is none or `fresh`.

    Packages are as new as at the day that the tree was made. Raises ImageError.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"debian-{recipe.key(sources)}"
    listed = path.with_suffix(".packages")
    if fresh:
        listed.unlink(missing_ok=True)
    if listed.exists() and path.is_dir():
        age_h = (time.time() - listed.stat().st_mtime) / 3600
        say(f"Debian's packages are as of {age_h:.0f} h ago; --fresh fetches newer ones")
    else:
        need("mmdebstrap")
        shutil.rmtree(path, ignore_errors=True)
        run(_mmdebstrap(path), given="\n".join(sources) + "\n", environment={"SOURCE_DATE_EPOCH": str(recipe.EPOCH)})
        # Written last: a build that was killed half way leaves no tree that looks whole.
        listed.write_text(_list_packages(path), "utf-8")
    return BaseTree(path, tuple(listed.read_text("utf-8").split("\n")[:-1]))


def _mmdebstrap(target: Path) -> list[str]:
    argv = ["mmdebstrap", "--mode=root", "--variant=essential", "--format=directory", "--quiet"]
    argv += [f"--architectures={recipe.ARCHITECTURE}", "--aptopt=APT::Install-Recommends false"]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in recipe.LEFT_OUT]
    argv += [f"--dpkgopt=path-include={pattern}" for pattern in recipe.TAKEN_IN]
    # No service is started, no database made, and the initrd is ours.
    argv += ["--essential-hook=mkdir -p $1/etc/postgresql-common $1/etc/initramfs-tools"]
    argv += ["--essential-hook=echo create_main_cluster=false > $1/etc/postgresql-common/createcluster.conf"]
    argv += ["--essential-hook=echo update_initramfs=no > $1/etc/initramfs-tools/update-initramfs.conf"]
    argv += ["--dpkgopt=force-confold"]
    for name, number, home in recipe.USERS:
        passwd = f"{name}:x:{number}:{number}::{home}:/usr/sbin/nologin"
        argv += [f"--essential-hook=echo {passwd} >> $1/etc/passwd"]
        argv += [f"--essential-hook=echo {name}:x:{number}: >> $1/etc/group"]
        argv += [f"--essential-hook=echo '{name}:*:20000::::::' >> $1/etc/shadow"]
    return [*argv, f"--include={','.join(recipe.PACKAGES)}", recipe.SUITE, str(target), "-"]


def _list_packages(tree: Path) -> str:
    return run(["dpkg-query", f"--admindir={tree}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\\n"])
