#!/bin/sh
# Builds, and lays out in image/ what runs, with the packages of production only, and in volumes/ the folders it writes to.
set -eu

npm run --silent build

mkdir image
cp -R dist schema package.json package-lock.json README.md LICENSE deploy/image/healthcheck.js image/
cd image
npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund
cd ..

mkdir -p volumes/data volumes/history
