#!/bin/sh
# The README's pictures of a report: sh docs/images/screenshot.sh runs/quickstart (needs Chromium)
set -e
here=$(dirname "$0")
page="file://$(realpath "$1")/report/index.html"
for theme in light dark; do
  [ "$theme" = dark ] && scheme=0 || scheme=1
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --blink-settings=preferredColorScheme=$scheme \
    --window-size=1280,1125 --screenshot="$(realpath "$here")/report-$theme.png" "$page" 2>/dev/null
done
