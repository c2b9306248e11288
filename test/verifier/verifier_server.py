"""Runs the independent verifier again and again, each time in a process of its own, forked from one that has loaded it.

Loading Python and its cryptography takes longer than a bundle of the tests. Each line of standard input is a JSON array of
arguments; each line of standard output is the JSON object {"status", "stdout", "stderr"} of that run.
"""

import importlib.util
import json
import os
import sys
import tempfile
import traceback

# What reading the first key loads would otherwise be loaded in each of the processes.
import cryptography.hazmat.backends.openssl.backend  # noqa: F401


def load(program):
    spec = importlib.util.spec_from_file_location("blindagem_verify", program)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(verifier, program, args):
    """In the forked process: as `python3 PROGRAM ARGS…` would, with its outputs in files."""
    sys.argv = [program, *args]
    try:
        sys.exit(verifier.main())
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def answer(verifier, program, args):
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.dup2(stdout.fileno(), 1)
                os.dup2(stderr.fileno(), 2)
                status = run(verifier, program, args)
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8"))
    return {"status": os.waitstatus_to_exitcode(ended), "stdout": texts[0], "stderr": texts[1]}


if __name__ == "__main__":
    loaded = load(sys.argv[1])
    for line in iter(sys.stdin.readline, ""):
        print(json.dumps(answer(loaded, sys.argv[1], json.loads(line))), flush=True)
