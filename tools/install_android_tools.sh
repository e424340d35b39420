#!/bin/sh
# Makes sure that the programs that build and test the Android app are there: Debian's, no SDK of Google's.
set -eu

missing=""
needs() { command -v "$1" >/dev/null || missing="$missing $2"; }
needs javac openjdk-17-jdk-headless
needs mvn maven
needs aapt2 aapt
needs zipalign zipalign
needs apksigner apksigner
needs dexdump dexdump  # tests only
# shellcheck disable=SC2086  # a list is meant to be split
[ -z "$missing" ] || exec "$(dirname "$0")/install_system_libraries.sh" $missing
