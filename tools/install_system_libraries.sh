#!/bin/sh
# Makes sure that Python 3.11 with venv and the shared libraries that the wheels load are there; given names of missing
# packages, that those are. Installs with apt where that is allowed, else says in one line what to install.
set -eu
PYTHON="${PYTHON:-python3.11}"

has() { ldconfig -p 2>/dev/null | grep -q "$1" || /sbin/ldconfig -p 2>/dev/null | grep -q "$1"; }
missing="${*:+ $*}"
if [ $# = 0 ]; then
    has libGL.so.1 || missing="$missing libgl1"            # OpenCV
    has libgthread-2.0.so.0 || missing="$missing libglib2.0-0"  # OpenCV
    has libusb-1.0.so.0 || missing="$missing libusb-1.0-0"  # tflite-support
    command -v "$PYTHON" >/dev/null || missing="$missing python3.11"
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3.11-venv"
fi
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root="no"; fi
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
    echo "setup: missing system packages; install them with: sudo apt-get install$missing" >&2
    exit 2
fi
echo "installing system packages:$missing"
# shellcheck disable=SC2086  # lists are meant to be split
$as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
    echo "setup: apt-get could not install:$missing; install them by hand and run make again" >&2
    exit 2
}
