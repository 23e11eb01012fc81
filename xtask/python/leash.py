"""Runs a command until it ends or until standard input closes.

usage: leash.py COMMAND [ARGUMENT ...]

The parent keeps the other end of standard input open. However the parent ends, even by SIGKILL,
that end closes, and the command is ended with the whole process group: no server is left behind.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 5


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    leash_closed = threading.Event()

    def end_with_the_command():
        code = command.wait()
        if not leash_closed.is_set():
            os._exit(code if code >= 0 else 128 - code)

    threading.Thread(target=end_with_the_command, daemon=True).start()
    sys.stdin.buffer.read()

    leash_closed.set()
    # The signal reaches this process too, which still has to see to the others.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    try:
        command.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
