import Contexts
import Foundation
import RuntimeAdapter

/// SplitMix64: the same numbers from the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number of the standard normal distribution (Box and Muller).
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: 1e-12...1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    /// A number whose logarithm is evenly distributed.
    mutating func logarithmic(_ range: ClosedRange<Double>) -> Double {
        exp(Double.random(in: log(range.lowerBound)...log(range.upperBound), using: &self))
    }
}

/// Candidates and devices that tests choose from.
enum Sample {
    static let phone = Device(
        runtime: "tfjs-wasm", peakGflops: 12, memoryBandwidthGBps: 10, memoryMiB: 256,
        channelMultiple: 4, layerOverheadUs: 30, decodeMiBPerSecond: 36)
    static let slowPhone = Device(
        runtime: "tfjs-wasm", peakGflops: 3, memoryBandwidthGBps: 4, memoryMiB: 128,
        channelMultiple: 4, layerOverheadUs: 80, decodeMiBPerSecond: 12)
    static let laptop = Device(
        runtime: "tfjs-webgpu", peakGflops: 200, memoryBandwidthGBps: 40, layerOverheadUs: 15)

    static let devices = [
        KnownDevice(name: "phone-4g", device: phone),
        KnownDevice(name: "low-end-phone-3g", device: slowPhone),
        KnownDevice(name: "laptop-wifi", device: laptop),
    ]

    static func digest(_ number: Int) -> String {
        "sha256:" + String(repeating: "0", count: 48) + String(format: "%016x", number)
    }

    /// A candidate whose one layer makes the given number of multiply-adds.
    static func candidate(
        _ number: Int, model: String = "net", kind: CandidateDescription.Kind = .variant,
        accuracy: Double? = 0.9, multiplyAdds: Int = 6_000_000, fileBytes: Int = 250_000,
        memoryBytes: Int = 1 << 20, trust: CandidateDescription.Trust = .accepted
    ) -> CandidateDescription {
        let layer = LayerWorkload(
            name: "conv", operation: .convolution, inputChannels: 16, outputChannels: 32,
            multiplyAdds: multiplyAdds, parameterBytes: fileBytes, inputBytes: 50_000,
            outputBytes: 100_000)
        let workload = WorkloadSummary(
            layers: [layer], parameterCount: fileBytes / 4, parameterBytes: fileBytes,
            peakActivationBytes: 150_000, fileBytes: fileBytes)
        return CandidateDescription(
            model: model, reference: "\(model)/p\(number):v1", kind: kind, digest: digest(number),
            fileDigest: digest(number + 1_000_000), fileBytes: fileBytes, decodedBytes: fileBytes,
            peakMemoryBytes: memoryBytes, multiplyAdds: multiplyAdds, accuracy: accuracy,
            trust: trust, workload: workload)
    }

    /// Candidates of one family with everything at random, accuracies often equal or unknown.
    static func family(
        _ count: Int, using random: inout SeededGenerator
    ) -> [CandidateDescription] {
        (0..<count).map { number in
            candidate(
                number, kind: number == 0 ? .base : .variant,
                accuracy: Int.random(in: 0..<8, using: &random) == 0
                    ? nil : Double(Int.random(in: 80...95, using: &random)) / 100,
                multiplyAdds: Int(random.logarithmic(1e5...1e9)),
                fileBytes: Int(random.logarithmic(1e4...5e7)),
                memoryBytes: Int(random.logarithmic(1e5...1e9)),
                trust: Int.random(in: 0..<10, using: &random) == 0 ? .refused : .accepted)
        }
    }

    /// A context with each part there or not, sometimes absurd.
    static func context(
        candidates: Int, using random: inout SeededGenerator
    ) -> RequestContext {
        var context = RequestContext()
        func isThere() -> Bool { Bool.random(using: &random) }
        if isThere() {
            context.device.runtime = ["tfjs-wasm", "tfjs-webgpu", "?"].randomElement(using: &random)
        }
        if isThere() {
            context.device.deviceClass =
                ["phone-4g", "laptop-wifi", "toaster"].randomElement(using: &random)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            context.device.peakGflops = random.logarithmic(0.1...1000)
            context.device.memoryBandwidthGBps = random.logarithmic(0.1...100)
        }
        if isThere() { context.device.memoryMiB = random.logarithmic(0.1...1000) }
        if isThere() || isThere() {
            let bandwidth = random.logarithmic(0.1...1000)
            context.network = RequestContext.Network(
                bandwidthMbps: Estimate(
                    bandwidth, deviation: isThere() ? bandwidth * 0.3 : 0),
                roundTripMs: Estimate(
                    random.logarithmic(1...500), deviation: isThere() ? 10 : 0))
        }
        if isThere() { context.loadDeadlineMs = random.logarithmic(50...20_000) }
        if isThere() { context.inferenceDeadlineMs = random.logarithmic(0.1...500) }
        if isThere() {
            context.accuracyFloor = Double(Int.random(in: 78...97, using: &random)) / 100
        }
        func some(_ count: Int) -> [String] {
            (0..<count).map { _ in
                digest(
                    Int.random(in: 0..<candidates * 2, using: &random)
                        + (Bool.random(using: &random) ? 1_000_000 : 0))
            }
        }
        if isThere() { context.cached = some(3) }
        if isThere() { context.loaded = some(1) + context.cached.prefix(1) }
        return context
    }
}
