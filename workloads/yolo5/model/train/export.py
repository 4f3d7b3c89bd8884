"""Writes trained weights as demo.onnx, in the format of YOLOv5's own export, and the labels beside it."""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from network import Detector, Network
from settings import CLASSES, INPUT_SIDE_PX, LABELS_FILE, MODEL_FILE

OPSET = 17
MOST_BYTES = 1_500_000


def export(weights: Path, target: Path) -> None:
    """Writes `target` and checks that onnxruntime gives what torch gives."""
    network = Network()
    network.load_state_dict(torch.load(weights, weights_only=True))
    detector = Detector(network, INPUT_SIDE_PX).eval()
    example = torch.rand(1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX, generator=torch.Generator().manual_seed(0))
    # The tracing exporter folds the batch normalization into the convolutions.
    torch.onnx.export(
        detector,
        (example,),
        str(target),
        input_names=["images"],
        output_names=["output0"],
        opset_version=OPSET,
        dynamo=False,
    )
    _describe(target)
    _verify(detector, example, target)


def _describe(target: Path) -> None:
    model = onnx.load(target)
    model.doc_string = "stepkube demo detector, trained on drawn pictures"
    _shorten_names(model.graph)
    names = {index: name for index, name in enumerate(CLASSES)}
    onnx.helper.set_model_props(model, {"names": str(names), "stride": "32", "task": "detect"})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)
    if target.stat().st_size > MOST_BYTES:
        raise ValueError(f"{target} has {target.stat().st_size} bytes, more than {MOST_BYTES}")


def _shorten_names(graph: onnx.GraphProto) -> None:
    """The tracer names each value by its full path in the network, which adds up to a few percent of the file."""
    short = {item.name: item.name for item in (*graph.input, *graph.output)}
    for values in ([item.name for item in graph.initializer], *(node.output for node in graph.node)):
        for name in values:
            short.setdefault(name, f"v{len(short)}")
    for item in graph.initializer:
        item.name = short[item.name]
    for number, node in enumerate(graph.node):
        node.name, node.doc_string = f"n{number}", ""
        # An optional input that is left out has an empty name.
        node.input[:] = [name and short[name] for name in node.input]
        node.output[:] = [short[name] for name in node.output]
    del graph.value_info[:]


def _verify(detector: Detector, example: torch.Tensor, target: Path) -> None:
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    found = session.run(["output0"], {"images": example.numpy()})[0]
    with torch.no_grad():
        wanted = detector(example).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)
    print(f"{target}: {target.stat().st_size} bytes, output {found.shape}")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="file that train.py wrote")
    parser.add_argument("--target", type=Path, default=MODEL_FILE)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse_options()
    export(chosen.weights, chosen.target)
    LABELS_FILE.write_text("".join(f"{name}\n" for name in CLASSES))
