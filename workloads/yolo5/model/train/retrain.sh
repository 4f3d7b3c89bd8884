#!/usr/bin/env bash
# Makes the demo model again, from an empty work folder to demo.onnx, its metrics and the sample pictures.
# Usage: retrain.sh WORK_FOLDER   (outside of the repository; needs Python 3.11+, npm and 8 GB of disk)
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${1:?is the folder for the virtual environment, the icons and the weights}
python="$work/venv/bin/python"
icons="$work/icons/node_modules"
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1

mkdir -p "$work/icons"
if [[ ! -x "$python" ]]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --requirement "$here/requirements.txt"
fi
if [[ ! -d "$icons" ]]; then
  npm install --prefix "$work/icons" --no-save --ignore-scripts \
    @iconify-json/noto@1.2.9 @iconify-json/noto-v1@1.2.5 @iconify-json/twemoji@1.2.5 \
    @iconify-json/fluent-emoji@1.2.7 @iconify-json/fluent-emoji-flat@1.2.6
fi

cd "$here"
# Small squares first: most of the learning for a third of the time. The last ones are as large as the model's input.
train() { "$python" train.py --icons "$icons" "$@"; }
train --output "$work/first.pt" --side 192 --steps 1800 --rate 3e-3
train --output "$work/second.pt" --start "$work/first.pt" --side 224 --steps 3300 --rate 2e-3
train --output "$work/final.pt" --start "$work/second.pt" --side 320 --batch 8 --steps 1000 --rate 1e-3
"$python" export.py --weights "$work/final.pt"
"$python" evaluate.py --icons "$icons" --pictures 500
"$python" samples.py --icons "$icons"
