#!/bin/sh
# Installs what building needs. Native parts come with their packages: no package's own script has to run.
set -eu

npm ci --ignore-scripts --no-audit --no-fund
