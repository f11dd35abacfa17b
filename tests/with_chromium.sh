#!/usr/bin/env bash
# Run a command that finds Chromium in DEGRADATION_TEST_CHROMIUM: tests/with_chromium.sh COMMAND [ARGUMENTS...]
#
# With --install as the first argument it installs Debian's package where it is missing, as root; where it can't, it
# says why, and the tests of the page in a browser are skipped.
set -euo pipefail
if [ "${1:-}" = --install ]; then
  shift
  if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
      echo "with_chromium.sh: no Chromium: installing it takes root and Debian's apt-get"
    else
      apt-get update -qq
      DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
    fi
  fi
fi
if command -v chromium >/dev/null; then
  DEGRADATION_TEST_CHROMIUM=$(command -v chromium)
  export DEGRADATION_TEST_CHROMIUM
fi
exec "$@"
