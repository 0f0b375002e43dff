"""A printer of the network on the loopback address: keeps every job it is sent, and can break off."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager


class Printer:
    """``jobs``: what was sent, connection by connection. ``break_after``: bytes, then the connection is reset."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.jobs = []
        self.break_after = None
        self.arrived = threading.Semaphore(0)

    def serve(self):
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            with connection:
                self.jobs.append(self.read(connection))
            self.arrived.release()

    def read(self, connection):
        read = b""
        while part := connection.recv(65536):
            read += part
            if self.break_after is not None and len(read) >= self.break_after:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                break
        return read

    def next_job(self):
        assert self.arrived.acquire(timeout=10), "no job arrived"
        return self.jobs[-1]


def port_of_nobody():
    """One that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@contextmanager
def printer():
    found = Printer()
    thread = threading.Thread(target=found.serve, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        found.listener.close()
        thread.join(timeout=5)
