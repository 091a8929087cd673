"""The AWS emulator ministack, on 127.0.0.1 only, and its clients."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import urllib3
from botocore.client import BaseClient
from botocore.config import Config

from say import Failure

REGION = "eu-west-3"
_START_SECONDS = 60
_GRAVE = re.compile(r"\b(WARN|WARNING|ERROR|CRITICAL)\b|Error\b")
# Invalid on purpose: nothing here may ever reach a real account.
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "deploy-check", "AWS_SECRET_ACCESS_KEY": "deploy-check"}


class Cloud:
    """A ministack process, as a context manager."""

    def __init__(self, library: Path, folder: Path, certificate: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        # A fresh environment: the functions inherit it, and must not find variables that the template does not set.
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(library),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "STATE_DIR": str(folder / "state"),
            "S3_DATA_DIR": str(folder / "s3"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AWS_ENDPOINT_URL": self.endpoint,
            "MINISTACK_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "LOG_LEVEL": "INFO",
            # These would listen on all addresses.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # The only trusted certificate is the issuer's; the authorizer needs it.
            "SSL_CERT_FILE": str(certificate),
            **_CREDENTIALS,
        }
        self._http = urllib3.PoolManager(retries=False, timeout=60)
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "Cloud":
        with (self._folder / "ministack.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A process group of its own, to stop its children with it.
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # Stops the functions it left running.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                raise Failure(f"ministack exited at start{self.trouble()}")
            try:
                if self._http.request("GET", f"{self.endpoint}/_ministack/ready").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        raise Failure(f"ministack was not ready within {_START_SECONDS} s{self.trouble()}")

    def trouble(self) -> str:
        """The last warning or error logged by ministack or a function, to append to a message."""
        lines = (self._folder / "ministack.log").read_text(errors="replace").splitlines()
        grave = [line for line in lines + self.functions_log() if _GRAVE.search(line)]
        return f"; the log says: {grave[-1].strip()}" if grave else ""

    def functions_log(self) -> list[str]:
        """The lines that the functions logged, in order."""
        if self._process is None or self._process.poll() is not None:
            return []
        logs = self.client("logs")
        found = []
        for group in logs.describe_log_groups()["logGroups"]:
            found += logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        return [event["message"] for event in sorted(found, key=lambda event: event["timestamp"])]

    def credentials(self) -> dict[str, str]:
        """The variables of a program that must reach the emulator, and never an account."""
        return {**_CREDENTIALS, "AWS_DEFAULT_REGION": REGION}

    def client(self, service: str) -> BaseClient:
        """A client of a service."""
        session = boto3.session.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        once = {"total_max_attempts": 1}
        config = Config(retries=once, read_timeout=90, proxies={}, s3={"addressing_style": "path"})
        return session.client(service, endpoint_url=self.endpoint, config=config)

    def request(self, method: str, target: str, headers: dict, body: object = None) -> tuple[int, dict, object]:
        """Sends a request and returns the status, the headers in lower case, and the body, parsed if it is JSON."""
        content = None if body is None else json.dumps(body).encode()
        answer = self._http.request(method, f"{self.endpoint}{target}", body=content, headers=headers)
        try:
            read = json.loads(answer.data) if answer.data else None
        except ValueError:
            read = answer.data.decode(errors="replace")
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, read

    def mails(self) -> list[dict]:
        """The e-mails sent through SES."""
        _, _, read = self.request("GET", "/_ministack/ses/messages", {})
        return [mail for mails in read["messages"].values() for mail in mails]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
