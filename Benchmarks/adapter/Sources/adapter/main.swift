import AllocationCounter
import Foundation
import RuntimeAdapter

// adapter [MANIFEST]
//
// Times single selections among 10, 100 and 1,000 candidates on one and on two threads, and counts how often they ask
// for memory. Candidates are made from one manifest, contexts at random from a fixed seed.

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The nanoseconds of single selections, sorted, and the allocations of all of them.
struct Timing: Sendable {
    var nanoseconds: [UInt64]
    var allocations: Int

    func quantile(_ share: Double) -> String {
        let index = min(nanoseconds.count - 1, Int(share * Double(nanoseconds.count)))
        return String(format: "%8.2f", Double(nanoseconds[index]) / 1000)
    }
}

/// Nanoseconds of the monotonic clock.
func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// A manifest whose workload is so many times as large.
func manifest(_ manifest: Data, workload factor: Double) throws -> Data {
    guard var root = try JSONSerialization.jsonObject(with: manifest) as? [String: Any],
        var workload = root["workload"] as? [String: Any],
        let layers = workload["layers"] as? [[String: Any]]
    else { throw CocoaError(.fileReadCorruptFile) }
    workload["layers"] = layers.map { layer in
        var layer = layer
        for key in ["multiply-adds", "input-bytes", "output-bytes", "parameter-bytes"] {
            guard let value = layer[key] as? Int else { continue }
            layer[key] = Int(Double(value) * factor)
        }
        return layer
    }
    root["workload"] = workload
    return try JSONSerialization.data(withJSONObject: root)
}

/// Candidates around one manifest's: sizes, work and accuracies that have nothing to do with each other, which leaves more of them to look at
/// than those of a real family.
func candidates(_ count: Int, manifest original: Data) throws -> [CandidateDescription] {
    var random = SeededGenerator(state: 7)
    return try (0..<count).map { number in
        let factor = exp(Double.random(in: log(0.25)...log(16), using: &random))
        let manifest = try manifest(original, workload: factor)
        let digest = "sha256:" + String(repeating: "0", count: 48) + String(format: "%016x", number)
        var candidate = try CandidateDescription(
            manifest: manifest, model: "net", reference: "net/p\(number):v1", digest: digest)
        candidate.fileDigest = digest
        candidate.accuracy = Double.random(in: 0.8...0.95, using: &random)
        candidate.fileBytes = Int(exp(Double.random(in: log(2e4)...log(2e7), using: &random)))
        candidate.peakMemoryBytes = candidate.fileBytes * 2
        return candidate
    }
}

/// Contexts with every kind of limit; where `isTight`, nothing fits and all of the ladder is walked.
func contexts(_ count: Int, isTight: Bool) -> [RequestContext] {
    var random = SeededGenerator(state: 11)
    return (0..<count).map { number in
        let bandwidth = exp(Double.random(in: 0...5, using: &random))
        var context = RequestContext(
            device: .init(deviceClass: "phone-4g"),
            network: .init(
                bandwidthMbps: Estimate(bandwidth, deviation: bandwidth * 0.2),
                roundTripMs: Estimate(70, deviation: 10)),
            loadDeadlineMs: isTight ? 1 : exp(Double.random(in: 6...10, using: &random)),
            inferenceDeadlineMs: 20, accuracyFloor: number % 2 == 0 ? 0.81 : nil)
        if !isTight, number % 4 == 0 {
            context.cached = ["sha256:" + String(repeating: "0", count: 63) + "3"]
        }
        return context
    }
}

func time(_ selector: VariantSelector, _ contexts: [RequestContext], _ count: Int) -> Timing {
    var samples = [UInt64](repeating: 0, count: count)
    for context in contexts { _ = selector.select(context) }
    let before = espalier_allocations()
    for index in 0..<count {
        let context = contexts[index % contexts.count]
        let start = now()
        let selection = selector.select(context)
        samples[index] = now() - start
        if selection.copy != .none && selection.step == .remote { print("a remote one is nowhere") }
    }
    let allocations = espalier_allocations() - before
    return Timing(nanoseconds: samples.sorted(), allocations: allocations)
}

func report(_ manifestPath: String) async throws {
    let manifest = try Data(contentsOf: URL(filePath: manifestPath))
    print(
        "candidates  contexts  threads   p50 us    p99 us  p99.9 us    max us  allocations  explain/select"
    )
    for count in [10, 100, 1000] {
        let device = KnownDevice(
            name: "phone-4g", runtime: "tfjs-wasm", peakGflops: 12, memoryBandwidthGBps: 10,
            memoryMiB: 256, channelMultiple: 4, layerOverheadUs: 30, decodeMiBPerSecond: 36)
        let selector = VariantSelector(
            VariantCatalogue(try candidates(count, manifest: manifest), devices: [device]))
        for isTight in [false, true] {
            let contexts = contexts(97, isTight: isTight)
            let start = now()
            for context in contexts { _ = selector.explain(context) }
            let explaining = Double(now() - start) / Double(contexts.count)
            for threads in [1, 2] {
                let all = await race(selector, contexts, threads: threads)
                let mean = Double(all.nanoseconds.reduce(0, +)) / Double(all.nanoseconds.count)
                let kind = isTight ? "  none fit" : "   various"
                print(
                    String(format: "%10d", count) + kind + String(format: "  %7d ", threads),
                    all.quantile(0.5), "", all.quantile(0.99), "", all.quantile(0.999), "",
                    all.quantile(1),
                    String(format: " %11d  %14.0f", all.allocations, explaining / mean))
            }
        }
    }
}

/// The same on several threads at once, all samples together.
func race(
    _ selector: VariantSelector, _ contexts: [RequestContext], threads: Int
) async -> Timing {
    await withTaskGroup(of: Timing.self) { group in
        for _ in 0..<threads { group.addTask { time(selector, contexts, 200_000) } }
        var all = Timing(nanoseconds: [], allocations: 0)
        for await timing in group {
            all.nanoseconds += timing.nanoseconds
            all.allocations += timing.allocations
        }
        all.nanoseconds.sort()
        return all
    }
}

let path =
    CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "docs/samples/manifest-1.json"
try await report(path)
