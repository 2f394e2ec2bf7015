import Contexts
import Foundation

/// The sentences that a profile is refused with; empty if it is accepted.
func refusals(_ yaml: String, file: String = "p.yaml") -> [String] {
    refusals(Data(yaml.utf8), file: file)
}

func refusals(_ bytes: Data, file: String = "p.yaml") -> [String] {
    do {
        _ = try ProfileReader.read(bytes, file: file)
        return []
    } catch {
        return error.issues.map(\.description)
    }
}

/// A good profile with one section's content replaced.
func profile(
    device: String? = "{runtime: r, peak-gflops: 10, memory-bandwidth-gbps: 5}",
    network: String? = "{bandwidth-mbps: 8, round-trip-ms: 50}",
    budget: String? = "{file-kib: 100}", pruning: String? = nil
) -> String {
    var text = "schema: 1\nname: p\n"
    for (name, content) in [
        ("device", device), ("network", network), ("budget", budget), ("pruning", pruning),
    ] {
        if let content { text += "\(name): \(content)\n" }
    }
    return text
}

enum Repository {
    /// The root of the source tree that these tests were built from.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let profiles = root.appending(path: "pruning-profiles")
    static let fixtures = root.appending(path: "Tests/ContextsTests/Fixtures")

    static func files(in directory: URL, ending: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasSuffix(ending) }
            .sorted { $0.path < $1.path }
    }
}

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
}
