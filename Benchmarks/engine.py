"""Times Espalier's engine beside ONNX Runtime and LiteRT with XNNPACK, in turn, on the same networks.

    scripts/install.sh
    swift build -c release --package-path Benchmarks/engine
    python3 -m venv .venv-engine && .venv-engine/bin/pip install -r Benchmarks/requirements-engine.txt
    .venv-engine/bin/python Benchmarks/engine.py [--networks …] [--batches 1,32] [--threads 1,2] [--work DIRECTORY]

Prints Markdown: for each network, batch and number of threads the median milliseconds of each engine and the ratio of
Espalier's to the better of the others, round by round; then the geometric means. With --start-up also the time from
the file to the first result and the memory that it takes, each engine in a process of its own.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENGINE = ROOT / "Benchmarks/engine/.build/release/engine"
SHIPPED = ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"]
APPLICATIONS = ["ResNet50", "MobileNetV2", "EfficientNetB0"]
NETWORKS = SHIPPED + [f"{name}-{size}" for size in (64, 224) for name in APPLICATIONS]


# --- Networks -----------------------------------------------------------------------------------


def build(name):
    """A shipped network, or one of keras.applications with seeded weights and batch statistics."""
    import keras
    import numpy as np

    if name in SHIPPED:
        return keras.models.load_model(ROOT / "models" / f"{name}.h5", compile=False)
    family, size = name.split("-")
    keras.utils.set_random_seed(1)
    model = getattr(keras.applications, family)(weights=None, input_shape=(int(size), int(size), 3))
    random = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            count = layer.moving_mean.shape
            layer.moving_mean.assign(random.normal(0, 0.1, count))
            layer.moving_variance.assign(random.uniform(0.5, 1.5, count))
    return model


def export(name, work, batches):
    """Writes the network as .keras, .onnx and .tflite, each batch its own."""
    if (work / f"{name}.done").exists():
        return
    import keras
    import tensorflow as tf

    model = build(name)
    model.save(work / f"{name}.keras")
    for batch in batches:
        whole = keras.Input(batch_shape=(batch, *model.input_shape[1:]))
        fixed = keras.Model(whole, model(whole))
        fixed.export(str(work / "saved"), format="tf_saved_model", verbose=False)
        flat = tf.lite.TFLiteConverter.from_saved_model(str(work / "saved")).convert()
        (work / f"{name}.{batch}.tflite").write_bytes(flat)
    model.export(str(work / f"{name}.onnx"), format="onnx", verbose=False)
    close(work / f"{name}.onnx")
    (work / f"{name}.done").touch()


def close(path):
    """Gives constants that the exporter made inputs of their values: a Normalization's mean 0 and variance 1."""
    import numpy as np
    import onnx

    model = onnx.load(path)
    for extra in list(model.graph.input)[1:]:
        shape = [d.dim_value for d in extra.type.tensor_type.shape.dim]
        value = np.zeros(shape, np.float32) if "Sub" in extra.name else np.ones(shape, np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(value, extra.name))
        model.graph.input.remove(extra)
    onnx.save(model, path)


# --- Engines ------------------------------------------------------------------------------------


class Espalier:
    def __init__(self, name, work, batch, threads):
        command = [str(ENGINE), str(work / f"{name}.keras"), str(batch), str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())

    def times(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return [float(value) for value in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Python:
    def times(self, count):
        samples = []
        for _ in range(count):
            start = time.perf_counter()
            self.run()
            samples.append((time.perf_counter() - start) * 1000)
        return samples

    def close(self):
        pass


class OnnxRuntime(Python):
    def __init__(self, name, work, batch, threads):
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(work / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
        given = session.get_inputs()[0]
        data = np.random.default_rng(0).random([batch] + given.shape[1:], dtype=np.float32)
        self.run = lambda: session.run(None, {given.name: data})


class LiteRT(Python):
    def __init__(self, name, work, batch, threads):
        import numpy as np
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(str(work / f"{name}.{batch}.tflite"), num_threads=threads)
        given = interpreter.get_input_details()[0]
        shape = [batch] + list(given["shape"][1:])
        interpreter.resize_tensor_input(given["index"], shape)
        interpreter.allocate_tensors()
        data = np.random.default_rng(0).random(shape, dtype=np.float32)
        result = interpreter.get_output_details()[0]["index"]

        def run():
            interpreter.set_tensor(given["index"], data)
            interpreter.invoke()
            return interpreter.get_tensor(result)

        self.run = run


ENGINES = {"Espalier": Espalier, "ONNX Runtime": OnnxRuntime, "LiteRT": LiteRT}


# --- Measuring ----------------------------------------------------------------------------------


def in_turn(name, work, batch, threads, seconds):
    """Median milliseconds of each engine, and the median over rounds of Espalier's ratio to the better other."""
    engines = {label: make(name, work, batch, threads) for label, make in ENGINES.items()}
    for engine in engines.values():
        engine.times(3)
    # Some 30 ms of each in a round.
    runs = max(1, min(50, int(30 / statistics.median(engines["Espalier"].times(3)))))
    rounds = {label: [] for label in engines}
    start = time.perf_counter()
    while len(rounds["Espalier"]) < 3 or (time.perf_counter() - start < seconds and len(rounds["Espalier"]) < 25):
        for label, engine in engines.items():
            # Threads of the engine before spin for a while; let them go to sleep.
            time.sleep(0.02 if threads > 1 else 0)
            engine.times(1)
            rounds[label].append(statistics.median(engine.times(runs)))
    for engine in engines.values():
        engine.close()
    ratios = [e / min(o, l) for e, o, l in zip(rounds["Espalier"], rounds["ONNX Runtime"], rounds["LiteRT"])]
    return {label: statistics.median(values) for label, values in rounds.items()}, statistics.median(ratios)


def status(field):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


def start_up(label, name, work):
    """From the file to the first result, in a process of its own: milliseconds and MiB above what it had before."""
    if label == "Espalier":
        engine = Espalier(name, work, 1, 1)
        engine.close()
        return engine.ready["start-up-ms"], engine.ready["peak-kib"] / 1024
    shown = subprocess.run([sys.executable, __file__, "--child", label, name, str(work)], capture_output=True, text=True)
    return json.loads(shown.stdout.splitlines()[-1])


def child(label, name, work):
    __import__("onnxruntime" if label == "ONNX Runtime" else "ai_edge_litert.interpreter")
    import numpy as np

    np.random.default_rng(0).random(10)
    before = status("VmRSS")
    start = time.perf_counter()
    ENGINES[label](name, pathlib.Path(work), 1, 1).run()
    print(json.dumps([(time.perf_counter() - start) * 1000, (status("VmHWM") - before) / 1024]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--batches", default="1,32")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=2, help="of measuring for each row")
    parser.add_argument("--start-up", action="store_true")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build" / "benchmarks" / "engine")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(*options.child)
    options.work.mkdir(parents=True, exist_ok=True)
    networks = options.networks.split(",")
    batches = [int(batch) for batch in options.batches.split(",")]
    for name in networks:
        export(name, options.work, batches)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} cores, {platform.freedesktop_os_release()['PRETTY_NAME']}\n")
    print("| batch | threads | network | " + " | ".join(f"{label}, ms" for label in ENGINES) + " | ratio |")
    print("|---:|---:|---|" + "---:|" * (len(ENGINES) + 1))
    means = {}
    for batch in batches:
        for threads in [int(threads) for threads in options.threads.split(",")]:
            for name in networks:
                times, ratio = in_turn(name, options.work, batch, threads, options.seconds)
                means.setdefault((batch, threads), []).append(ratio)
                cells = " | ".join(f"{value:.3f}" if value < 10 else f"{value:.1f}" for value in times.values())
                print(f"| {batch} | {threads} | {name} | {cells} | {ratio:.2f} |", flush=True)
    print()
    for (batch, threads), ratios in means.items():
        mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
        print(f"Geometric mean at batch {batch} on {threads} threads: **{mean:.2f}**")
    if options.start_up:
        print("\n| network | " + " | ".join(f"{label}, ms | MiB" for label in ENGINES) + " |")
        print("|---|" + "---:|---:|" * len(ENGINES))
        for name in networks:
            cells = []
            for label in ENGINES:
                runs = [start_up(label, name, options.work) for _ in range(3)]
                cells.append(f"{statistics.median(r[0] for r in runs):.0f} | {statistics.median(r[1] for r in runs):.0f}")
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
