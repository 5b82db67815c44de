"""A certificate authority in a folder, for TLS on a test broker: PEM files, made with the openssl command.

    ca.pem              what clients trust
    NAME.pem, NAME.key  one party's certificate and private key
    NAME.bundle.pem     both in one file, as Kafka's PEM key store wants them

Made for tests and for trying things: keys lie unencrypted, certificates last 30 days.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """Files of one party."""

    certificate: Path
    key: Path
    bundle: Path


class Certificates:
    """An authority and what it signed; an authority that is in the folder already is used again."""

    def __init__(self, folder: Path, *, name: str = "copydesk test authority") -> None:
        self.folder = folder
        self.authority = folder / "ca.pem"
        self._key = folder / "ca.key"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.authority.exists():
            new = ["req", "-x509", *_NEW_KEY, "-keyout", str(self._key), "-out", str(self.authority)]
            _openssl(*new, "-days", "30", "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name: str, *, hosts: Sequence[str] = ()) -> KeyPair:
        """Sign a certificate for `CN=name`; `hosts` are the DNS names and addresses it is good for.

        The name is the Kafka principal of a client that shows this certificate: `User:name`.
        """
        pair = KeyPair(
            certificate=self.folder / f"{name}.pem",
            key=self.folder / f"{name}.key",
            bundle=self.folder / f"{name}.bundle.pem",
        )
        if pair.bundle.exists():
            return pair
        request = self.folder / f"{name}.csr"
        _openssl("req", "-new", *_NEW_KEY, "-keyout", str(pair.key), "-out", str(request), "-subj", f"/CN={name}")
        extensions = self.folder / f"{name}.ext"
        usage = "extendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n"
        extensions.write_text(usage + (f"subjectAltName={','.join(map(_alternative, hosts))}\n" if hosts else ""))
        signed = ["x509", "-req", "-in", str(request), "-out", str(pair.certificate), "-days", "30"]
        by = ["-CA", str(self.authority), "-CAkey", str(self._key), "-CAcreateserial", "-extfile", str(extensions)]
        _openssl(*signed, *by)
        pair.bundle.write_text(pair.key.read_text() + pair.certificate.read_text())
        os.chmod(pair.key, 0o600)
        os.chmod(pair.bundle, 0o600)
        request.unlink()
        extensions.unlink()
        return pair


# EC keys: made in milliseconds, and PKCS #8 without encryption is what Kafka's PEM key store reads.
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _alternative(host: str) -> str:
    return f"IP:{host}" if host.replace(".", "").isdigit() or ":" in host else f"DNS:{host}"


def _openssl(*args: str) -> None:
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {args[0]} exited {done.returncode}: {done.stderr[-500:]}")
