/// A part of a context, by the key that it has in JSON.
public enum ContextField: String, Sendable, Hashable, CaseIterable {
    /// Which family to choose from.
    case model
    /// Label of the runtime.
    case runtime = "device.runtime"
    /// Name of a device class.
    case deviceClass = "device.class"
    /// 10⁹ operations per second.
    case peakGflops = "device.peak-gflops"
    /// 10⁹ bytes per second.
    case memoryBandwidth = "device.memory-bandwidth-gbps"
    /// Microseconds per layer.
    case layerOverhead = "device.layer-overhead-us"
    /// MiB.
    case memory = "device.memory-mib"
    /// 10⁶ bits per second.
    case bandwidth = "network.bandwidth-mbps"
    /// One standard deviation of the bandwidth, in its unit.
    case bandwidthDeviation = "network.bandwidth-deviation-mbps"
    /// Milliseconds.
    case roundTrip = "network.round-trip-ms"
    /// One standard deviation of the round trip, in milliseconds.
    case roundTripDeviation = "network.round-trip-deviation-ms"
    /// Milliseconds.
    case loadDeadline = "deadline.load-ms"
    /// Milliseconds.
    case inferenceDeadline = "deadline.inference-ms"
    /// A share of 1.
    case accuracyFloor = "accuracy-floor"
    /// Digests of files.
    case cached
    /// Digests of what is in memory.
    case loaded
    /// What tells one client from others.
    case client

    /// What a number may be, both ends included; those of profiles where they have such a key.
    ///
    /// nil for texts.
    public var range: ClosedRange<Double>? {
        switch self {
        case .model, .runtime, .deviceClass, .cached, .loaded, .client: nil
        case .peakGflops: 0.001...1_000_000
        case .memoryBandwidth: 0.001...100_000
        case .layerOverhead: 0...1_000_000
        case .memory: 0...16_777_216
        case .bandwidth: 0.001...1_000_000
        case .bandwidthDeviation: 0...1_000_000
        case .roundTrip, .roundTripDeviation: 0...60_000
        case .loadDeadline, .inferenceDeadline: 0...3_600_000
        case .accuracyFloor: 0...1
        }
    }
}

/// Something in a context that could not be used as it stood, and what was done instead.
public struct ContextIssue: Sendable, Hashable {
    /// What is wrong.
    public enum Problem: Sendable, Hashable {
        /// Not a number; taken as absent.
        case notANumber
        /// Beyond its range; moved to the nearest end, which is `used`.
        case outOfRange(found: Double, used: Double)
        /// A text of more bytes than the limit; taken as absent.
        case tooLong(limit: Int)
        /// More entries than the limit; those behind it were not looked at.
        case tooMany(count: Int, limit: Int)
        /// Of no use without the other; both taken as absent.
        case lacks(ContextField)
    }

    /// Where.
    public let field: ContextField
    /// What is wrong.
    public let problem: Problem
}

extension ContextIssue: CustomStringConvertible {
    /// One sentence with the key, what is wrong and what was done.
    public var description: String {
        switch problem {
        case .notANumber: "\(field.rawValue): not a number, taken as absent"
        case .outOfRange(let found, let used):
            "\(field.rawValue): \(found) is out of range, taken as \(used)"
        case .tooLong(let limit):
            "\(field.rawValue): longer than \(limit) bytes, taken as absent"
        case .tooMany(let count, let limit):
            "\(field.rawValue): \(count) entries, of which the first \(limit) count"
        case .lacks(let other):
            "\(field.rawValue): of no use without \(other.rawValue), taken as absent"
        }
    }
}
