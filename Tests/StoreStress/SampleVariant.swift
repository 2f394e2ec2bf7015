import Contexts
import Foundation
import VariantStore

/// Variants that cost nothing to make: a few kilobytes that follow from two numbers.
struct SampleVariant {
    let publication: VariantPublication

    /// - Parameters:
    ///   - line: which model and profile.
    ///   - index: which of the line.
    ///   - work: where the file is made.
    init(line: Int, index: Int, base: URL, work: WorkFolder) throws {
        let content = Self.content(seed: UInt64(line) << 32 | UInt64(index), byteCount: 4096)
        let weights = work.path + "/variant.h5"
        try content.write(to: URL(filePath: weights))
        let name = try VariantName(model: "net\(line / 100)", profile: "profile-\(line)")
        publication = VariantPublication(
            name: name,
            manifest: Self.manifest(
                base: try FileDigest(ofFile: base.path), variant: FileDigest(of: content),
                profile: name.profile),
            weights: weights, base: base.path,
            inputs: FileDigest(of: Data("\(line) \(index)".utf8)).sha256)
    }

    /// Bytes that follow from the seed (SplitMix64).
    static func content(seed: UInt64, byteCount: Int) -> Data {
        var generator = SeededGenerator(seed: seed)
        var bytes = Data(capacity: byteCount)
        while bytes.count < byteCount {
            withUnsafeBytes(of: generator.next().littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func manifest(
        base: FileDigest, variant: FileDigest, profile: String
    ) -> VariantManifest {
        let costs = Costs(
            fileBytes: variant.byteCount, peakMemoryBytes: 8192, multiplyAdds: 1000, parameters: 10)
        let profile = Profile(
            name: profile, device: Device(runtime: "r", peakGflops: 1, memoryBandwidthGBps: 2),
            budget: Budget(fileKiB: 4))
        return VariantManifest(
            tool: VariantManifest.Tool(name: "stress", version: "1"),
            base: VariantManifest.Base(
                model: "net",
                file: VariantManifest.File(
                    name: "net.h5", digest: base, parameters: 20, multiplyAdds: 2000)),
            variant: VariantManifest.File(
                name: "variant.h5", digest: variant, parameters: 10, multiplyAdds: 1000),
            profile: ProfileRecord(
                profile, budget: [], criterion: "l1", digests: (nil, nil)),
            plan: .object(["schema": .integer(1)]),
            costs: VariantManifest.BeforeAfter(before: costs, after: costs),
            workload: WorkloadSummary(
                layers: [
                    LayerWorkload(
                        name: "conv", operation: .convolution, kernel: Window(3, 3),
                        inputChannels: 1, outputChannels: 4)
                ], parameterCount: 10, parameterBytes: 40, peakActivationBytes: 16,
                fileBytes: variant.byteCount),
            folds: [], proof: .notRun(reason: "a sample"))
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
