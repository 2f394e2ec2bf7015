import Foundation

/// How long to wait after failures: doubled each time, capped, with jitter from a seeded generator.
struct Backoff: Sendable {
    private let firstMs: Double
    private let longestMs: Double
    private var state: UInt64

    init(_ options: LifecycleOptions) {
        firstMs = options.firstBackoff.milliseconds
        longestMs = options.longestBackoff.milliseconds
        state = options.seed
    }

    /// Milliseconds, between half of what is due and all of it, so that those that failed together part.
    ///
    /// - Parameter failures: in a row, this one included.
    mutating func delayMs(afterFailures failures: Int) -> Double {
        let due = min(longestMs, firstMs * pow(2, Double(min(max(failures, 1), 64) - 1)))
        // SplitMix64; the upper 53 bits make a share of 1.
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        let share = Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
        return due * (0.5 + 0.5 * share)
    }
}
