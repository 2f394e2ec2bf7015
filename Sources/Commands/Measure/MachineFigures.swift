import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON

/// What is known of this machine: the numbers of a profile's `device` section, and how they were found.
struct MachineFigures: Equatable {
    var processor: String
    var threads: Int
    /// 10⁹ operations per second.
    var gflops: Double
    /// 10⁹ bytes per second.
    var bandwidthGBps: Double
    var overheadUs: Double
    var channelMultiple: Int
    /// MiB of weights per second.
    var decodeMiBPerSecond: Double
    var sweep: [MachineProbe.WidthPoint]

    /// Measures all of it.
    ///
    /// - Parameters:
    ///   - models: the smallest of them is what is decoded.
    static func measure(
        threads: Int, isQuick: Bool, models: [KerasModel], progress: Progress
    ) throws -> MachineFigures {
        let probe = MachineProbe(threads: threads, isQuick: isQuick)
        progress.show("measuring convolutions")
        let gflops = try probe.gflops()
        progress.show("measuring memory")
        let bandwidth = try probe.bandwidthGBps()
        let overhead = try probe.overheadUs()
        progress.show("measuring widths")
        let sweep = try probe.sweep(step: isQuick ? 8 : 2)
        progress.show("measuring how fast a file is decoded")
        let decoding = try decodingRate(models, isQuick: isQuick)
        return MachineFigures(
            processor: processorName(), threads: threads, gflops: gflops,
            bandwidthGBps: bandwidth, overheadUs: overhead,
            channelMultiple: MachineProbe.channelMultiple(sweep), decodeMiBPerSecond: decoding,
            sweep: sweep)
    }

    /// How fast a compressed file becomes weights in memory, MiB of weights per second.
    ///
    /// The smallest model is written as variants are, and read as they are.
    private static func decodingRate(_ models: [KerasModel], isQuick: Bool) throws -> Double {
        let sized = models.map { model in
            (
                model: model,
                bytes: model.graph.layers.reduce(0) { sum, layer in
                    layer.weights.reduce(sum) { $0 + $1.byteCount }
                }
            )
        }
        guard let smallest = sized.min(by: { $0.bytes < $1.bytes }), smallest.bytes > 0 else {
            return 100
        }
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("prune-measure")
        let file = try smallest.model.stage(
            for: place.path, graph: smallest.model.graph, as: .wholeModelH5,
            compression: .deflate(level: 6), overwrite: true)
        defer { file.remove() }
        var policy = RepetitionPolicy()
        policy.warmUps = 1
        policy.fewest = 3
        policy.most = isQuick ? 3 : 20
        let latency = try policy.repeating {
            let start = ContinuousClock.now
            let model = try KerasModel.read(path: file.path, topology: nil)
            for layer in model.graph.layers {
                for weight in layer.weights { _ = weight.materialized() }
            }
            return (ContinuousClock.now - start).seconds * 1e6
        }
        return Double(smallest.bytes) / 1_048_576 / (latency.median / 1e6)
    }

    /// What the system calls the processor.
    static func processorName() -> String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last.map(String.init) ?? ""
        let trimmed = name.trimmingCharacters(in: .whitespaces)
        return trimmed.isEmpty ? "unknown processor" : trimmed
    }
}

extension MachineFigures {
    var json: JSON {
        [
            "processor": .string(processor), "threads": .integer(threads),
            "peak-gflops": .real(gflops), "memory-bandwidth-gbps": .real(bandwidthGBps),
            "layer-overhead-us": .real(overheadUs), "channel-multiple": .integer(channelMultiple),
            "decode-mib-per-s": .real(decodeMiBPerSecond),
            "width-sweep": .array(
                sweep.map {
                    [
                        "channels": .integer($0.channels), "microseconds": .real($0.microseconds),
                        "gflops": .real($0.gflops),
                    ]
                }),
        ]
    }

    /// Reads what ``json`` wrote; nil if something is missing.
    init?(_ json: JSON) {
        guard let processor = json["processor"]?.string, let threads = json["threads"]?.integer,
            let gflops = json["peak-gflops"]?.double,
            let bandwidth = json["memory-bandwidth-gbps"]?.double,
            let overhead = json["layer-overhead-us"]?.double,
            let multiple = json["channel-multiple"]?.integer,
            let decoding = json["decode-mib-per-s"]?.double, let sweep = json["width-sweep"]?.array
        else { return nil }
        self.processor = processor
        self.threads = threads
        self.gflops = gflops
        bandwidthGBps = bandwidth
        overheadUs = overhead
        channelMultiple = multiple
        decodeMiBPerSecond = decoding
        self.sweep = []
        for point in sweep {
            guard let channels = point["channels"]?.integer,
                let microseconds = point["microseconds"]?.double
            else { return nil }
            self.sweep.append(.init(channels: channels, microseconds: microseconds))
        }
    }
}
