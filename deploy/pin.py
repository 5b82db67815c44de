"""Pin the images by digest: `python deploy/pin.py`, where a registry of images can be reached (Docker with buildx).

    python deploy/pin.py            asks the registry for the digest of each image and writes it behind the tag
    python deploy/pin.py --check    changes nothing; exit 1 if an image has no digest

An image is named by its exact version and, once pinned, by the digest that the registry gave for it
(`NAME:TAG@sha256:…`). The version stays for the reader; the digest is what is fetched.
Nothing is guessed: an image whose digest cannot be had stays as it is, with a line on stderr and exit 2.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "docker-compose.yml", ROOT / "deploy" / "Dockerfile")
# "image: NAME:TAG" and "FROM NAME:TAG"; our own image is built, not fetched.
_IMAGE = re.compile(
    r"^(?P<before>\s*(?:image: |FROM ))(?P<image>(?!copydesk:)[\w./-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?", re.M
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images(text: str) -> list[tuple[str, str | None]]:
    """(name with its tag, digest or None) of every image that is fetched."""
    return [(found["image"], found["digest"] and found["digest"][1:]) for found in _IMAGE.finditer(text)]


def pinned(text: str, digests: dict[str, str]) -> str:
    """The text with those digests; other images stay as they are."""

    def written(found: re.Match[str]) -> str:
        digest = digests.get(found["image"])
        return f"{found['before']}{found['image']}@{digest}" if digest else found[0]

    return _IMAGE.sub(written, text)


def digest_of(image: str) -> str | None:
    """What the registry says, for all platforms together; None if it cannot be asked."""
    asked = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"]
    try:
        answer = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=120)
        digest = str(json.loads(answer.stdout)["digest"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
    return digest if _DIGEST.fullmatch(digest) else None


def main(arguments: list[str] | None = None, *, ask: Callable[[str], str | None] = digest_of) -> int:
    """Pin, or check."""
    parser = argparse.ArgumentParser(description="Pin the images by digest.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if an image has no digest")
    parser.add_argument("files", nargs="*", type=Path, default=FILES, help="docker-compose.yml and deploy/Dockerfile")
    given = parser.parse_args(arguments)
    texts = {file: file.read_text() for file in given.files}
    found = [image for text in texts.values() for image in images(text)]
    if given.check:
        bare = sorted({image for image, digest in found if digest is None})
        print("\n".join([*(f"no digest: {image}" for image in bare), f"{len(found)} images, {len(bare)} by tag alone"]))
        return 1 if bare else 0
    answers = {image: ask(image) for image in sorted({image for image, _ in found})}
    digests = {image: digest for image, digest in answers.items() if digest}
    for file, text in texts.items():
        file.write_text(pinned(text, digests))
    for image, digest in answers.items():
        print(
            f"{image}@{digest}" if digest else f"no digest could be had of {image}", file=None if digest else sys.stderr
        )
    return 0 if len(digests) == len(answers) else 2


if __name__ == "__main__":
    sys.exit(main())
