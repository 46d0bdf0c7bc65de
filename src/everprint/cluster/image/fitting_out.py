"""Everprint in the image: the package of this checkout, its locked dependencies, and what starts them at boot.

Nothing of it is written into Debian's tree, which is kept for the next build: all goes into a layer over it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from everprint.cluster.image import recipe
from everprint.cluster.image.base_tree import BaseTree
from everprint.cluster.image.empty_database import add_empty_database
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import run

LOCKS = ("server", "provider", "cluster")
# Wheels for the guest's Python and C library, whatever Python builds the image.
_PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (36, 35, 34, 31, 28, 27, 26, 24, 17)]
_PLATFORMS += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
_HOME = Path("opt/everprint")
_PACKAGES = _HOME / "lib" / f"python{recipe.PYTHON}" / "site-packages"
# What packages leave behind that is not the same in every build, or is a secret that all VMs would share.
_REMOVED = (
    "boot",
    "etc/.pwd.lock",
    "etc/hostname",
    "etc/machine-id",
    "etc/ssh/ssh_host_*",
    "etc/ssl/certs/ssl-cert-snakeoil.pem",
    "etc/ssl/private/ssl-cert-snakeoil.key",
    "initrd.img*",
    # What nothing here needs: disks to find, old scripts to wrap, consoles on which nobody could sign in.
    "usr/lib/systemd/system-generators/*",
    "vmlinuz*",
    "var/cache/*",
    "var/lib/apt/*",
    "var/lib/dpkg/*-old",
    "var/lib/systemd/random-seed",
    "var/log/*",
    "etc/*-",
)
_ENTRY = """#!/opt/everprint/bin/python3
import sys
from everprint.cli.main import main
sys.exit(main())
"""


def find_source() -> Path:
    """The checkout that this program runs from.

    Raises ImageError if it was installed without its sources.
    """
    root = Path(__file__).parents[4]
    if not (root / "requirements" / "server.txt").exists():
        raise ImageError("this Everprint was installed without its sources: name a checkout with --source")
    return root


@contextmanager
def layered(base: BaseTree, scratch: Path) -> Iterator[Path]:
    """The base under an empty layer that takes all changes. It is there while this is open.

    Raises ImageError.
    """
    upper, work, merged = (scratch / name for name in ("upper", "work", "merged"))
    for path in (upper, work, merged):
        path.mkdir(parents=True)
    layers = f"lowerdir={base.path},upperdir={upper},workdir={work}"
    run(["mount", "-t", "overlay", "-o", layers, "everprint-image", merged])
    try:
        yield merged
    finally:
        run(["umount", "-l", merged])


def fit_out(tree: Path, source: Path, cache: Path, scratch: Path, version: dict[str, object]) -> None:
    """Puts Everprint into a tree. Raises ImageError."""
    _remove_what_differs(tree)
    _install_packages(source, cache, tree)
    _install_everprint(source, scratch, tree)
    _install_guest_files(source, tree)
    _write_version(tree, version)
    _compile_python(tree)
    add_empty_database(tree)


def version_of(source: Path, base: BaseTree) -> dict[str, object]:
    """What the image says of itself in /etc/everprint/image.json; the same for the same content."""
    files = sorted(path for path in (source / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = [path for path in files if ".egg-info" not in str(path)]
    files += [source / "requirements" / f"{lock}.txt" for lock in LOCKS]
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(source)).encode() + b"\0" + path.read_bytes())
    digest.update("\n".join(base.packages).encode())
    return {"name": "everprint", "release": digest.hexdigest()[:16], "debian": recipe.SUITE}


def _remove_what_differs(tree: Path) -> None:
    for pattern in _REMOVED:
        for path in sorted(tree.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for name in ("boot", "var/cache", "var/log", "var/lib/everprint"):
        (tree / name).mkdir(exist_ok=True)
    (tree / "etc/machine-id").write_text("uninitialized\n")


def _install_packages(source: Path, cache: Path, tree: Path) -> None:
    """From the hashed locks: another file under the same name and version is refused."""
    locks = [source / "requirements" / f"{lock}.txt" for lock in LOCKS]
    key = hashlib.sha256(b"\0".join(lock.read_bytes() for lock in locks)).hexdigest()[:16]
    kept = cache / f"python-{key}"
    if not kept.is_dir():
        fresh = kept.with_name(f"{kept.name}.part")
        shutil.rmtree(fresh, ignore_errors=True)
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        argv += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation=cp"]
        argv += [f"--python-version={recipe.PYTHON}", f"--target={fresh}"]
        argv += [f"--platform={platform}" for platform in _PLATFORMS]
        for lock in locks:
            argv += ["--requirement", str(lock)]
        run(argv)
        shutil.rmtree(fresh / "bin", ignore_errors=True)
        fresh.rename(kept)
    target = tree / _PACKAGES
    target.parent.mkdir(parents=True)
    shutil.copytree(kept, target)


def _install_everprint(source: Path, scratch: Path, tree: Path) -> None:
    """As a wheel, built from a copy: what an earlier build left in the checkout does not get into it."""
    copy = scratch / "source"
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(source / "src", copy / "src", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(source / name, copy / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={scratch}", str(copy)]
    run(build, environment={"SOURCE_DATE_EPOCH": str(recipe.EPOCH)})
    (wheel,) = scratch.glob("everprint-*.whl")
    run([*pip, "install", "--no-deps", "--no-index", "--no-compile", f"--target={tree / _PACKAGES}", wheel])
    shutil.rmtree(tree / _PACKAGES / "bin", ignore_errors=True)
    # pip writes where the wheel lay: a folder of this one build.
    for name in ("direct_url.json", "RECORD", "INSTALLER", "REQUESTED"):
        for path in (tree / _PACKAGES).glob(f"everprint-*.dist-info/{name}"):
            path.unlink()
    programs = tree / _HOME / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to("/usr/bin/python3")
    (programs / "everprint").write_text(_ENTRY)
    (programs / "everprint").chmod(0o755)
    (tree / _HOME / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    (tree / "usr/local/bin/everprint").symlink_to("/opt/everprint/bin/everprint")


def _install_guest_files(source: Path, tree: Path) -> None:
    for unit in sorted((source / "deploy/systemd").glob("*.service")):
        shutil.copy(unit, tree / "etc/systemd/system" / unit.name)
    _copy(resources.files("everprint.cluster.image").joinpath("guest/root"), tree)
    (tree / "usr/lib/everprint/dhcp-lease").chmod(0o755)
    (tree / "var/log/journal").symlink_to("/var/lib/everprint/journal")
    default = tree / "etc/systemd/system/default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("everprint.target")


def _copy(source: Traversable, target: Path) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            (target / entry.name).mkdir(exist_ok=True)
            _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())


def _write_version(tree: Path, version: dict[str, object]) -> None:
    """Writes /etc/everprint/image.json: by it the initrd knows the disk, and set-up that the release is another."""
    folder = tree / "etc/everprint"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "image.json").write_text(json.dumps(version, indent=1) + "\n", "utf-8")


def _compile_python(tree: Path) -> None:
    """Compiled files that are not checked against their sources: all files of the image bear one time."""
    argv: list[str | Path] = ["chroot", tree, "/usr/bin/python3", "-I", "-m", "compileall", "-q", "-f", "-j", "0"]
    argv += ["--invalidation-mode", "unchecked-hash", f"/usr/lib/python{recipe.PYTHON}", "/usr/lib/python3"]
    run([*argv, f"/{_PACKAGES}"], environment={"PYTHONHASHSEED": "0"})
