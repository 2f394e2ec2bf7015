import Foundation

/// A stream of random numbers that is the same on every machine (SplitMix64).
///
/// Each part of the world has a stream of its own, named by what it is for, so that what one policy does
/// never shifts the numbers that another one meets.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// The stream of a purpose.
    ///
    /// - Parameter keys: what the stream is for: seed, purpose, client, session.
    package init(_ keys: UInt64...) {
        state = 0x243F_6A88_85A3_08D3
        for key in keys {
            state = Self.mix(state ^ Self.mix(key &+ 0x9E37_79B9_7F4A_7C15))
        }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Normal with mean 0 and variance 1 (Box and Muller).
    package mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// A factor whose logarithm has the given deviation; its median is 1.
    package mutating func logNormal(_ deviation: Double) -> Double { exp(deviation * normal()) }

    /// Exponential with the given mean.
    package mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - uniform()) }

    /// At least 1, with the given mean: how often something goes on that may end each time.
    package mutating func geometric(_ mean: Double) -> Int {
        guard mean > 1 else { return 1 }
        return 1 + Int(log(1 - uniform()) / log(1 - 1 / mean))
    }

    /// The place of one of several weights, drawn in their proportion.
    package mutating func choice(_ weights: [Double]) -> Int {
        var left = uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        return weights.count - 1
    }
}

/// What a stream of random numbers is for.
enum Purpose: UInt64 {
    case device, plan, trace, bias, cloud, jitter, measurement, bootstrap
}
